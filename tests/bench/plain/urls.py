"""/companies/ as JSON by a ModelViewSet and as HTML by a ListView."""

from django.db.models import QuerySet
from django.urls import include, path
from django.views.generic import ListView
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from tests.bench.plain.models import Company


def chosen(queryset: QuerySet[Company], query: dict[str, str]) -> QuerySet[Company]:
    """Filter by own fields (`custom.KEY=value`, `custom.KEY__gte=number`), by parts of a name (`q`), and sort."""
    for name, value in query.items():
        if name.startswith("custom."):
            wanted = int(value) if value.isdigit() else value
            queryset = queryset.filter(**{f"custom__{name.removeprefix('custom.')}": wanted})
    for word in query.get("q", "").split():
        queryset = queryset.filter(name__icontains=word)
    return queryset.order_by(query.get("sort", "-id"), "id")


class CompanySerializer(ModelSerializer):
    class Meta:
        model = Company
        fields = "__all__"


class CompanyViewSet(ModelViewSet):
    serializer_class = CompanySerializer
    queryset = Company.objects.all()

    def get_queryset(self) -> QuerySet[Company]:
        return chosen(super().get_queryset(), self.request.query_params.dict())


class CompanyPage(ListView):
    paginate_by = 50
    template_name = "companies.html"

    def get_queryset(self) -> QuerySet[Company]:
        return chosen(Company.objects.all(), self.request.GET.dict())


router = DefaultRouter()
router.register("companies", CompanyViewSet)

urlpatterns = [path("api/", include(router.urls)), path("companies/", CompanyPage.as_view())]
