"""First values of the company-wide option lists of appendix B.2 and CFG-05; each company changes its own."""

from __future__ import annotations

from kezhou.sdk.hooks import DictionarySeed, Option

POSITION, SALUTATION = "core.position", "core.salutation"

STANDARD_DICTIONARIES = (
    DictionarySeed(
        POSITION,
        "职务",
        (
            Option("chairman", "董事长"),
            Option("general_manager", "总经理"),
            Option("deputy_general_manager", "副总经理"),
            Option("cfo", "财务总监"),
            Option("marketing_director", "市场总监"),
            Option("chief_engineer", "总工程师"),
            Option("department_manager", "部门经理", aliases=("经理",)),
            Option("business_supervisor", "业务主管", aliases=("主管",)),
            Option("office_clerk", "办公文员", aliases=("文员",)),
        ),
    ),
    DictionarySeed(
        SALUTATION,
        "称谓",
        (
            Option("mr", "先生"),
            Option("ms", "女士"),
            Option("miss", "小姐"),
            Option("boss", "总"),
            Option("manager", "经理"),
            Option("director", "主任"),
            Option("professor", "教授"),
            Option("doctor", "博士"),
        ),
    ),
)
