"""What a company wants on its 发票 (开票资料): checked when it is saved, kept beside each bill it was asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberError

from billing.models import InvoiceProfile
from kezhou.records.fields.reading import plain
from tenants.context import control_plane

SPECIAL_NEEDS = ("address", "phone", "bank", "account")
LONGEST = {"title": 120, "address": 200, "phone": 40, "bank": 120, "account": 40, "email": 254}


class WrongData(ValueError):
    """Invoice data that cannot be used; `errors` holds a sentence per field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("；".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceData:
    """开票资料: kind ordinary or special; a special one needs address, telephone, bank and account as well."""

    kind: str = "ordinary"
    title: str = ""
    tax_number: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""
    email: str = ""


def data_of(tenant_pk: int) -> dict[str, str] | None:
    """A company's invoice data as they are kept beside a bill; None when it gave none."""
    found = profile(tenant_pk)
    return asdict(found) if found is not None else None


def profile(tenant_pk: int) -> InvoiceData | None:
    """A company's invoice data."""
    with control_plane():
        row = InvoiceProfile.objects.filter(tenant_id=tenant_pk).first()
    return InvoiceData(**{name: getattr(row, name) for name in InvoiceData.__slots__}) if row is not None else None


def keep(tenant_pk: int, given: InvoiceData) -> InvoiceData:
    """Check and keep. Raises WrongData; nothing is kept then."""
    data = _plain(given)
    errors = _errors(data)
    if errors:
        raise WrongData(errors)
    with control_plane():
        InvoiceProfile.objects.update_or_create(tenant_id=tenant_pk, defaults=asdict(data))
    return data


def _plain(given: InvoiceData) -> InvoiceData:
    values = {name: " ".join(value.split()) for name, value in asdict(given).items()}
    values["tax_number"] = plain(values["tax_number"])
    values["account"] = plain(values["account"])
    return InvoiceData(**values)


def _errors(data: InvoiceData) -> dict[str, str]:
    errors = {
        name: _("最多 %(most)d 个字。") % {"most": most}
        for name, most in LONGEST.items()
        if len(getattr(data, name)) > most
    }
    if data.kind not in InvoiceProfile.Kind.values:
        errors["kind"] = _("请选数电普票或数电专票。")
    if not data.title:
        errors["title"] = _("请填发票抬头，也就是公司全称。")
    if sentence := _tax_problem(data.tax_number):
        errors["tax_number"] = sentence
    if data.kind == InvoiceProfile.Kind.SPECIAL:
        missing = {name: _("开专票要填这一项。") for name in SPECIAL_NEEDS if not getattr(data, name)}
        errors = {**missing, **errors}
    if data.email and not _is_email(data.email):
        errors["email"] = _("“%(email)s”不像邮箱地址。") % {"email": data.email[:60]}
    return errors


def _tax_problem(number: str) -> str:
    if not number:
        return _("请填税号（统一社会信用代码）。")
    try:
        uscc.validate(number)
    except NumberError:
        return _("税号“%(number)s”不对：应是 18 位统一社会信用代码，最后一位是校验码。") % {"number": number[:30]}
    return ""


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
