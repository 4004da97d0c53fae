"""How opportunities are shown, searched and told apart."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import OWNED, Panel, RecordType, Search, Timeline
from plugins.sales.models import Opportunity


class OpportunityType(RecordType):
    """销售机会."""

    key = "sales.opportunity"
    model = Opportunity
    title = _("销售机会")
    icon = "target-arrow"
    order = 10
    access = OWNED
    personal_data = ()
    number = "JH"
    columns = "name customer stage result amount expected_on owner changed_at"
    quick = "name customer stage amount expected_on"
    twins = (("name", "customer"),)
    search = Search(title="name", codes="number", body="competitor next_step remark", related="customer contact owner")
    layout: ClassVar = (
        Panel(_("基本资料"), "name number customer contact stage result grade"),
        Panel(_("预测"), "amount probability expected_on source sales_way"),
        Panel(_("竞争与下一步"), "competitor lost_reason next_step"),
        Panel(_("归属"), "owner department collector registered_on remark"),
        Timeline(),
    )
