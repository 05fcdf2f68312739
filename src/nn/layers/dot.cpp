#include <fmt/format.h>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

class DotLayer final : public ConfiguredLayer<DotLayer> {
 public:
  std::vector<std::int64_t> axes;
  DotOptions options;

  std::string class_name() const override { return "Dot"; }
  static void fields(auto& self, auto& visit) {
    visit.required("axes", self.axes);
    visit("normalize", self.options.normalize);
  }

  void check_arguments() override {
    if (axes.size() == 1) axes.push_back(axes[0]);
    if (axes.size() != 2) {
      throw ValueError(
          fmt::format("{}: axes names {} axes; give one of each input", where(), axes.size()));
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(2, inputs);
    for (std::size_t i = 0; i < 2; ++i) {
      expect_dtype(inputs[i]);
      if (inputs[i].shape.rank() < 2) expect_rank(inputs[i], 2, "(batch, features), or more");
      if (axis(i, inputs[i].shape) == 0) {
        throw ShapeError(fmt::format("{}: axis {} of input {} is the batch; sum over another one",
                                     where(), axes[i], inputs[i].shape.str()));
      }
    }
    const std::int64_t a = inputs[0].shape[axis(0, inputs[0].shape)];
    const std::int64_t b = inputs[1].shape[axis(1, inputs[1].shape)];
    if (a != b && a != Shape::kUnknown && b != Shape::kUnknown) {
      throw ShapeError(fmt::format(
          "{}: axis {} of {} and axis {} of {} are summed over together, but have extents {} and "
          "{}",
          where(), axes[0], inputs[0].shape.str(), axes[1], inputs[1].shape.str(), a, b));
    }
  }

  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    const Matrix a = matrix(inputs[0], axis(0, inputs[0].shape()));
    const Matrix b = matrix(inputs[1], axis(1, inputs[1].shape()));
    const Value product = ops::matmul(
        a.value, b.value, {.transpose_a = a.summed_first, .transpose_b = !b.summed_first});
    std::vector<std::int64_t> result{inputs[0].dim(0)};
    result.insert(result.end(), a.rest.begin(), a.rest.end());
    result.insert(result.end(), b.rest.begin(), b.rest.end());
    if (result.size() == 1) result.push_back(1);
    return {ops::reshape(product, Shape(result))};
  }

 private:
  int axis(std::size_t input, const Shape& shape) const {
    return normalize_axis(static_cast<int>(axes[input]), shape.rank(),
                          (where() + ": axes").c_str());
  }

  /// A matrix a sample: the summed axis, and all others together.
  struct Matrix {
    Value value;
    bool summed_first = false;
    std::vector<std::int64_t> rest = {};
  };
  Matrix matrix(Value x, int axis) const {
    if (options.normalize) {
      // As Keras limits the inverse of the norm: by the inverse of its epsilon.
      const Value norm = ops::sum(ops::square(x), {axis}, true);
      x = x * ops::rsqrt(ops::maximum(norm, 1e-14));
    }
    Matrix result{.value = x, .summed_first = axis == 1 && x.rank() > 2};
    std::vector<int> order{0};
    std::int64_t columns = 1;
    for (int i = 1; i < x.rank(); ++i) {
      if (i == axis) continue;
      order.push_back(i);
      result.rest.push_back(x.dim(i));
      columns *= x.dim(i);
    }
    order.push_back(axis);
    const bool inner = axis != 1 && axis != x.rank() - 1;
    if (inner) result.value = ops::transpose(x, order);
    const std::int64_t summed = x.dim(axis);
    result.value =
        ops::reshape(result.value, result.summed_first ? Shape{x.dim(0), summed, columns}
                                                       : Shape{x.dim(0), columns, summed});
    return result;
  }
};

const RegisterConfigured<DotLayer> registered("Dot");

}  // namespace

LayerPtr Dot(std::vector<std::int64_t> axes, DotOptions options) {
  const auto layer = std::make_shared<DotLayer>();
  layer->axes = std::move(axes);
  layer->options = options;
  return finish(layer, options);
}
LayerPtr Dot(std::int64_t axes, DotOptions options) {
  return Dot(std::vector{axes, axes}, options);
}

}  // namespace sinew::layers
