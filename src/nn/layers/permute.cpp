#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/ops/array.h"

namespace sinew::layers {
namespace {

class PermuteLayer final : public ConfiguredLayer<PermuteLayer> {
 public:
  std::vector<std::int64_t> dims;

  std::string class_name() const override { return "Permute"; }
  static void fields(auto& self, auto& visit) { visit.required("dims", self.dims); }

  void check_arguments() override {
    std::vector<std::int64_t> sorted = dims;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] == static_cast<std::int64_t>(i) + 1) continue;
      throw ValueError(
          fmt::format("{}: dims is ({}); it must name each axis from 1 to {} once (the batch's, 0, "
                      "stays first)",
                      where(), fmt::join(dims, ", "), dims.size()));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_rank(inputs[0], static_cast<int>(dims.size()) + 1, "(batch, and one for each of dims)");
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    std::vector<int> permutation{0};
    permutation.insert(permutation.end(), dims.begin(), dims.end());
    return {ops::transpose(inputs[0], permutation)};
  }
};

const RegisterConfigured<PermuteLayer> registered("Permute");

}  // namespace

LayerPtr Permute(std::vector<std::int64_t> dims, LayerOptions options) {
  const auto layer = std::make_shared<PermuteLayer>();
  layer->dims = std::move(dims);
  return finish(layer, options);
}

}  // namespace sinew::layers
