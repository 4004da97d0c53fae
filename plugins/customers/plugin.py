"""What is known of the plugin before it is loaded."""

from kezhou.sdk.manifest import Manifest

manifest = Manifest(
    name="customers",
    title="客户",
    summary="客户档案与联系人：所有业务共用的一份客户资料。",
    icon="users",
    order=10,
    businesses=("air", "hotel", "tour", "car", "meeting", "other"),
)
