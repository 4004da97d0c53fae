"""Tables of customers and contacts (requirements F.1, D01 to D04)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kezhou.sdk.records import (
    ChoiceField,
    CountryField,
    CreditCodeField,
    Link,
    MoneyField,
    MultiChoiceField,
    PhoneField,
    Record,
    RegionField,
    record_indexes,
)


class Customer(Record):
    """A company or organisation we deal with, once, whatever its relations to us (CUS-01, CUS-55)."""

    name = models.CharField(_("客户名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    category = ChoiceField(_("客户分类"), dictionary="customers.category", blank=True)
    customer_type = ChoiceField(_("客户类型"), dictionary="customers.type", blank=True)
    assessment = ChoiceField(_("客户考核"), dictionary="customers.assessment", blank=True)
    nature = ChoiceField(_("客户性质"), dictionary="customers.nature", blank=True)
    tier = ChoiceField(_("客户级别"), dictionary="customers.tier", blank=True)
    source = ChoiceField(_("客户来源"), dictionary="customers.source", blank=True)
    industry = ChoiceField(_("行业"), dictionary="customers.industry", blank=True)
    industry_detail = ChoiceField(_("行业细分"), dictionary="customers.industry", parent="industry", blank=True)
    product_category = ChoiceField(_("经营产品服务类别"), dictionary="customers.product", blank=True)
    product_subcategory = ChoiceField(
        _("经营产品服务子类别"), dictionary="customers.product", parent="product_category", blank=True
    )
    ownership = ChoiceField(_("企业性质"), dictionary="customers.ownership", blank=True)
    company_type = ChoiceField(_("企业类型"), dictionary="customers.company_type", blank=True)
    size = ChoiceField(_("企业规模"), dictionary="customers.size", blank=True)
    credit_standing = ChoiceField(_("企业资信"), dictionary="customers.credit", blank=True)
    industry_position = ChoiceField(_("行业位置"), dictionary="customers.industry_position", blank=True)
    registered_capital = ChoiceField(_("注册资金"), dictionary="customers.registered_capital", blank=True)
    staff_size = ChoiceField(_("公司规模"), dictionary="customers.staff_size", blank=True)
    target_regions = MultiChoiceField(_("目标经营区域"), dictionary="customers.target_region", blank=True)
    credit_code = CreditCodeField(_("统一社会信用代码"), blank=True)
    legal_representative = models.CharField(_("法人代表"), max_length=40, blank=True)
    parent = Link("customers.Customer", null=True, blank=True, verbose_name=_("上级客户"))
    country = CountryField(_("国家/地区"), blank=True, default="CN")
    region = RegionField(
        _("所在地区"), blank=True, postcode="postcode", area_code="area_code", province="province", city="city"
    )
    province = models.CharField(_("省份"), max_length=30, blank=True)
    city = models.CharField(_("城市"), max_length=30, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    postcode = models.CharField(_("邮编"), max_length=10, blank=True)
    area_code = models.CharField(_("电话区号"), max_length=10, blank=True)
    phone = PhoneField(_("电话"), blank=True)
    fax = PhoneField(_("传真"), blank=True)
    email = models.EmailField(_("电子邮件"), blank=True)
    website = models.CharField(_("网址"), max_length=200, blank=True)
    sales_channels = MultiChoiceField(_("销售渠道"), dictionary="customers.sales_channel", blank=True)
    brands = models.CharField(_("经营品牌"), max_length=200, blank=True)
    travel_budget = MoneyField(_("年度差旅预算"), null=True, blank=True, minimum=0)

    class Meta:
        app_label = "customers"
        indexes = [*record_indexes("customer", twins=True)]


class Contact(Record):
    """A person at a customer (CON-01, CON-03)."""

    name = models.CharField(_("姓名"), max_length=60)
    customer = Link("customers.Customer", "cascade", verbose_name=_("客户"))
    main = models.BooleanField(_("主联系人"), default=False)
    sex = ChoiceField(_("性别"), dictionary="customers.sex", blank=True)
    position = ChoiceField(_("职位"), dictionary="customers.position", blank=True)
    salutation = ChoiceField(_("称谓"), dictionary="core.salutation", blank=True)
    education = ChoiceField(_("学历"), dictionary="customers.education", blank=True)
    ethnic_group = ChoiceField(_("民族"), dictionary="customers.ethnic_group", blank=True)
    family = ChoiceField(_("家庭构成"), dictionary="customers.family", blank=True)
    personality = ChoiceField(_("性格分析"), dictionary="customers.personality", blank=True)
    importance = ChoiceField(_("重要程度"), dictionary="customers.importance", blank=True)
    mobile = PhoneField(_("手机"), blank=True)
    office_phone = PhoneField(_("办公电话"), blank=True)
    email = models.EmailField(_("电子邮件"), blank=True)
    birth_date = models.DateField(_("生日"), null=True, blank=True)
    project = models.CharField(_("负责项目"), max_length=100, blank=True)
    preferences = models.TextField(_("个性喜好"), blank=True)
    hobbies = models.CharField(_("兴趣爱好"), max_length=200, blank=True)
    postal_address = models.CharField(_("邮寄地址"), max_length=200, blank=True)

    class Meta:
        app_label = "customers"
        indexes = [*record_indexes("contact", twins=True)]
