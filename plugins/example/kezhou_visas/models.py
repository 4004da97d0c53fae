"""The table of visa cases."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import ChoiceField, Link, MoneyField, Record, record_indexes


class VisaCase(Record):
    """One traveller's visa for one country."""

    name = models.CharField(_("出行人"), max_length=60)
    customer = Link("customers.Customer", "refuse", verbose_name=_("客户"))
    country = models.CharField(_("目的国家"), max_length=40)
    state = ChoiceField(_("办理状态"), dictionary="visas.state", default="collecting")
    passport = models.CharField(_("护照号码"), max_length=20, blank=True)
    submitted_on = models.DateField(_("递交日期"), null=True, blank=True)
    ready_on = models.DateField(_("预计出签"), null=True, blank=True)
    fee = MoneyField(_("签证费"), null=True, blank=True, minimum=0)

    class Meta:
        app_label = "visas"
        indexes = [*record_indexes("visa", twins=True)]
