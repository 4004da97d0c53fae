"""What is known of the plugin before it is loaded."""

from kezhou.sdk.manifest import Manifest

manifest = Manifest(
    name="meetings",
    title="会务",
    summary="场地、会议室与服务目录；会议订单从咨询、报价、预订到执行、结算，会议室不会重复预订。",
    icon="presentation",
    order=50,
    requires=("customers",),
    businesses=("meeting",),
)
