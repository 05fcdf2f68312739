#include "sinew/ops/ops.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "bind.h"
#include "sinew/nn/activations.h"
#include "values.h"

namespace sinew::python {
namespace {

using Traced = const TracedValue&;
using Integers = std::vector<std::int64_t>;

template <Value (*function)(Value)>
void unary(nb::module_& module, const char* name) {
  module.def(
      name, [](Traced x) { return x.with(function(x.get())); }, "x"_a);
}

template <Value (*function)(Value, Value)>
void binary(nb::module_& module, const char* name) {
  module.def(
      name, [](Traced a, Traced b) { return a.with(function(a.get(), b.get())); }, "a"_a, "b"_a);
}

template <Value (*function)(Value, std::vector<int>, bool)>
void reduction(nb::module_& module, const char* name) {
  module.def(
      name,
      [](Traced x, std::vector<int> axes, bool keepdims) {
        return x.with(function(x.get(), std::move(axes), keepdims));
      },
      "x"_a, "axes"_a, "keepdims"_a);
}

template <Value (*function)(Value, int)>
void along(nb::module_& module, const char* name) {
  module.def(
      name, [](Traced x, int axis) { return x.with(function(x.get(), axis)); }, "x"_a, "axis"_a);
}

std::vector<Value> plain(const std::vector<TracedValue>& values) {
  std::vector<Value> result;
  for (const TracedValue& value : values) result.push_back(value.get());
  return result;
}

Value plus(Value a, Value b) { return a + b; }
Value minus(Value a, Value b) { return a - b; }
Value times(Value a, Value b) { return a * b; }
Value over(Value a, Value b) { return a / b; }
Value negative(Value a) { return -a; }

void bind_elementwise(nb::module_& m) {
  binary<plus>(m, "add");
  binary<minus>(m, "subtract");
  binary<times>(m, "multiply");
  binary<over>(m, "divide");
  binary<ops::maximum>(m, "maximum");
  binary<ops::minimum>(m, "minimum");
  binary<ops::pow>(m, "power");
  binary<ops::equal>(m, "equal");
  binary<ops::not_equal>(m, "not_equal");
  binary<ops::less>(m, "less");
  binary<ops::less_equal>(m, "less_equal");
  binary<ops::greater>(m, "greater");
  binary<ops::greater_equal>(m, "greater_equal");
  binary<ops::logical_and>(m, "logical_and");
  binary<ops::logical_or>(m, "logical_or");
  unary<negative>(m, "negative");
  unary<ops::logical_not>(m, "logical_not");
  unary<ops::is_finite>(m, "isfinite");
  unary<ops::abs>(m, "absolute");
  unary<ops::sign>(m, "sign");
  unary<ops::floor>(m, "floor");
  unary<ops::ceil>(m, "ceil");
  unary<ops::round>(m, "round");
  unary<ops::exp>(m, "exp");
  unary<ops::expm1>(m, "expm1");
  unary<ops::log>(m, "log");
  unary<ops::log1p>(m, "log1p");
  unary<ops::sqrt>(m, "sqrt");
  unary<ops::rsqrt>(m, "rsqrt");
  unary<ops::square>(m, "square");
  unary<ops::reciprocal>(m, "reciprocal");
  unary<ops::sin>(m, "sin");
  unary<ops::cos>(m, "cos");
  unary<ops::tanh>(m, "tanh");
  unary<ops::erf>(m, "erf");
  unary<ops::stop_gradient>(m, "stop_gradient");
  unary<ops::zeros_like>(m, "zeros_like");
  unary<ops::ones_like>(m, "ones_like");
  m.def("scalar_like",
        [](Traced like, double value) { return like.with(ops::scalar_like(like.get(), value)); });
  m.def("where", [](Traced condition, Traced a, Traced b) {
    return a.with(ops::where(condition.get(), a.get(), b.get()));
  });
  m.def("cast", [](Traced x, const std::string& dtype) {
    return x.with(ops::cast(x.get(), dtype_from_name(dtype)));
  });
  m.def("activation", [](const std::string& name, Traced x) {
    return x.with(ActivationFunction(name)(x.get()));
  });
}

void bind_reductions(nb::module_& m) {
  reduction<ops::sum>(m, "sum");
  reduction<ops::mean>(m, "mean");
  reduction<ops::variance>(m, "var");
  reduction<ops::max>(m, "max");
  reduction<ops::min>(m, "min");
  along<ops::argmax>(m, "argmax");
  along<ops::softmax>(m, "softmax");
  along<ops::log_softmax>(m, "log_softmax");
  along<ops::logsumexp>(m, "logsumexp");
}

void bind_arrangement(nb::module_& m) {
  along<ops::expand_dims>(m, "expand_dims");
  along<ops::squeeze>(m, "squeeze");
  m.def("reshape", [](Traced x, Integers shape) {
    return x.with(ops::reshape(x.get(), Shape(std::move(shape))));
  });
  m.def("transpose", [](Traced x, std::vector<int> axes) {
    return x.with(ops::transpose(x.get(), std::move(axes)));
  });
  m.def("broadcast_to", [](Traced x, Integers shape) {
    return x.with(ops::broadcast_to(x.get(), Shape(std::move(shape))));
  });
  m.def("concatenate", [](const std::vector<TracedValue>& values, int axis) {
    return TracedValue(ops::concatenate(plain(values), axis));
  });
  m.def("stack", [](const std::vector<TracedValue>& values, int axis) {
    return TracedValue(ops::stack(plain(values), axis));
  });
  m.def("slice", [](Traced x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
    return x.with(ops::slice(x.get(), axis, begin, end, step));
  });
  m.def("select", [](Traced x, int axis, std::int64_t index) {
    return x.with(ops::select(x.get(), axis, index));
  });
  m.def("pad", [](Traced x, Integers before, Integers after, double value) {
    return x.with(ops::pad(x.get(), std::move(before), std::move(after), value));
  });
  m.def("flip", [](Traced x, std::vector<int> axes) {
    return x.with(ops::reverse(x.get(), std::move(axes)));
  });
  m.def("gather", [](Traced table, Traced indices) {
    return table.with(ops::gather(table.get(), indices.get()));
  });
  m.def("one_hot", [](Traced indices, std::int64_t depth, const std::string& dtype) {
    return indices.with(ops::one_hot(indices.get(), depth, dtype_from_name(dtype)));
  });
  m.def("full", [](Integers shape, double value, const std::string& dtype) {
    return TracedValue(ops::full(*trace_for("full()").graph, Shape(std::move(shape)), value,
                                 dtype_from_name(dtype)));
  });
  m.def("arange", [](std::int64_t count, const std::string& dtype) {
    return TracedValue(ops::arange(*trace_for("arange()").graph, count, dtype_from_name(dtype)));
  });
}

void bind_products(nb::module_& m) {
  m.def("matmul", [](Traced a, Traced b) { return a.with(ops::matmul(a.get(), b.get())); });
  m.def("einsum", [](const std::string& equation, Traced a, Traced b) {
    return a.with(ops::einsum(equation, a.get(), b.get()));
  });
  m.def("conv", [](Traced x, Traced kernel, Integers strides, Integers padding, Integers dilation,
                   std::int64_t groups) {
    return x.with(ops::conv(x.get(), kernel.get(),
                            {std::move(strides), std::move(padding), std::move(dilation), groups}));
  });
  m.def("max_pool", [](Traced x, Integers pool_size, Integers strides, Integers padding) {
    return x.with(
        ops::max_pool(x.get(), {std::move(pool_size), std::move(strides), std::move(padding)}));
  });
  m.def("average_pool", [](Traced x, Integers pool_size, Integers strides, Integers padding) {
    return x.with(
        ops::average_pool(x.get(), {std::move(pool_size), std::move(strides), std::move(padding)}));
  });
  m.def("same_padding",
        [](std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
          const auto padding = ops::same_padding(input, kernel, stride, dilation);
          return Integers(padding.begin(), padding.end());
        });
  m.def(
      "attention",
      [](Traced q, Traced k, Traced v, std::optional<TracedValue> mask, std::optional<double> scale,
         bool causal) {
        return q.with(
            ops::attention(q.get(), k.get(), v.get(),
                           {.scale = scale, .causal = causal, .mask = value_or_none(mask)}));
      },
      "query"_a, "key"_a, "value"_a, "mask"_a = nb::none(), "scale"_a = nb::none(),
      "causal"_a = false);
}

void bind_random(nb::module_& m) {
  using Random = Value (*)(Value, Value, std::int64_t, const Shape&, DType);
  const auto draw = [](Random random, Integers shape, const std::string& dtype) {
    Trace& trace = trace_for("random numbers");
    if (!trace.context || !trace.context->training) {
      throw nb::value_error("random numbers are drawn in training only: ask whether `training`");
    }
    CallContext& context = *trace.context;
    return TracedValue(random(context.seed, context.step, context.next_stream++,
                              Shape(std::move(shape)), dtype_from_name(dtype)));
  };
  m.def("random_uniform", [=](Integers shape, const std::string& dtype) {
    return draw(ops::random_uniform, std::move(shape), dtype);
  });
  m.def("random_normal", [=](Integers shape, const std::string& dtype) {
    return draw(ops::random_normal, std::move(shape), dtype);
  });
}

}  // namespace

void bind_ops(nb::module_& module) {
  nb::module_ m = module.def_submodule("ops", "Functions of Values, one for one those of C++.");
  bind_elementwise(m);
  bind_reductions(m);
  bind_arrangement(m);
  bind_products(m);
  bind_random(m);
}

}  // namespace sinew::python
