"""How opportunities are shown, searched and told apart."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import OWNED, Panel, Portal, RecordType, Search, State, States, Timeline, Transition
from plugins.sales.models import Opportunity

OPEN = "find_prospect visit build_trust mine_needs discuss_solution propose sign"
"""The steps of L-STAGE during which an opportunity is under way; from each of them any other can follow."""

STATES = States(
    "stage",
    initial="*",
    transitions=(
        *(Transition(OPEN, step) for step in OPEN.split()),
        Transition(OPEN, "won", asks="amount expected_on"),
        Transition(OPEN, "lost", required="lost_reason", asks="competitor"),
        Transition("won", "customer_satisfied"),
        Transition("won lost customer_satisfied", "mine_needs", _("重新打开")),
    ),
    states=(State("won", final=True), State("lost", final=True), State("customer_satisfied", final=True)),
)
"""Closed ones are opened again where the needs are looked into once more (SAL-05, SAL-06)."""


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
    averages = "amount"
    twins = (("name", "customer"),)
    states = STATES
    search = Search(
        title="name",
        codes="number",
        body="competitor next_step remark",
        related="customer contact owner",
        importance={"grade": {"high": 2}},
    )
    portal = Portal(
        links="customer partner",
        fields="name number customer contact stage expected_on",
        edits="name contact expected_on",
        source={"source": "portal"},
    )
    layout: ClassVar = (
        Panel(_("基本资料"), "name number customer contact stage result grade"),
        Panel(_("预测"), "amount probability expected_on source sales_way partner"),
        Panel(_("竞争与下一步"), "competitor lost_reason next_step"),
        Panel(_("归属"), "owner department collector registered_on remark"),
        Timeline(),
    )
