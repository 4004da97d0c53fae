"""The manifest."""

from kezhou.sdk.manifest import Manifest

manifest = Manifest(
    name="testplugin",
    title="测试插件",
    summary="只在测试里安装",
    icon="flask",
    order=900,
    requires=("customers",),
    businesses=("testing",),
)
