"""What is known of the plugin before it is loaded."""

from kezhou.sdk.manifest import Manifest

manifest = Manifest(
    name="visas",
    title="签证",
    summary="为客户的出行人办理签证：材料、递交与取件日期。",
    icon="id",
    order=90,
    requires=("customers",),
    businesses=("tour",),
)
