"""What is known of the portal before it is loaded."""

from kezhou.sdk.manifest import Manifest

manifest = Manifest(
    name="portal",
    title="门户",
    summary="客户和合作伙伴自己的入口：看自己的记录、提交资料，范围由管理员定。",
    icon="door",
    order=90,
    requires=("customers",),
)
