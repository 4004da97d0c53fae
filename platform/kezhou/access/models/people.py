"""The people and the organisation: both are records, so history, import, export and search see them as any other."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.access.standard_dictionaries import POSITION
from kezhou.records.fields.columns import ChoiceField, PhoneField
from kezhou.records.link import Link
from kezhou.records.model import Record


class MemberState(models.TextChoices):
    """Where a member stands; only `active` and `invited` take a seat."""

    NOT_INVITED = "not_invited", _("未邀请")
    INVITED = "invited", _("已邀请")
    ACTIVE = "active", _("在职")
    OFF = "off", _("已停用")


class Department(Record):
    """A node of the organisation (ORG-01). The path from the root is computed by `kezhou.access.departments`."""

    name = models.CharField(_("名称"), max_length=80)
    parent = Link("access.Department", on_delete="refuse", null=True, blank=True, verbose_name=_("上级部门"))
    head = Link("access.Member", on_delete="clear", null=True, blank=True, verbose_name=_("负责人员"))
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    order = models.IntegerField(_("次序"), default=100)
    retired = models.BooleanField(_("停用"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=models.Q(deleted_at__isnull=True),
                name="access_department_name",
                nulls_distinct=False,
            )
        ]


class Member(Record):
    """A person of the company, with or without an account (ORG-06). `department` (of Record) is the main department."""

    name = models.CharField(_("姓名"), max_length=40)
    mobile = PhoneField(_("手机"), blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    position = ChoiceField(_("职务"), dictionary=POSITION, blank=True)
    superior = Link("access.Member", on_delete="clear", null=True, blank=True, verbose_name=_("直接上级"))
    state = models.CharField(_("状态"), max_length=20, choices=MemberState.choices, default=MemberState.NOT_INVITED)
