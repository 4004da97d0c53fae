"""What is known of the plugin before it is loaded."""

from kezhou.sdk.manifest import Manifest

manifest = Manifest(
    name="sales",
    title="销售",
    summary="销售机会：阶段、金额、预计签约日期与竞争对手。",
    icon="target-arrow",
    order=20,
    requires=("customers",),
    businesses=("air", "hotel", "tour", "car", "meeting", "other"),
)
