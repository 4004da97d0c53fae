"""How visa cases are shown, searched and told apart."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import OWNED, Panel, RecordType, Search, Timeline
from kezhou_visas.models import VisaCase


class VisaCaseType(RecordType):
    """签证."""

    key = "visas.case"
    model = VisaCase
    title = _("签证")
    icon = "id"
    access = OWNED
    personal_data = ("name", "passport")
    number = "QZ"
    columns = "name customer country state submitted_on ready_on fee owner"
    quick = "name customer country"
    twins = (("passport", "country"),)
    search = Search(title="name", codes="number passport", body="country remark", related="customer")
    layout: ClassVar = (
        Panel(_("出行人"), "name number customer country state passport"),
        Panel(_("进度与费用"), "submitted_on ready_on fee owner registered_on remark"),
        Timeline(),
    )
