#include "ops/op_harness.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "compiler/compile.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew::testing_ops {
namespace {

using Feeds = std::map<std::string, Tensor>;

std::string input_name(std::size_t i) { return "x" + std::to_string(i); }

Tensor draw(const InputSpec& spec, std::uint64_t stream) {
  PhiloxStream numbers(42, stream);
  Tensor tensor(spec.shape, DType::Float64);
  const auto data = tensor.data<double>();
  switch (spec.draw) {
    case Draw::Normal:
      for (double& value : data) value = numbers.normal();
      break;
    case Draw::Positive:
      for (double& value : data) value = 0.5 + 2 * numbers.uniform();
      break;
    case Draw::Distinct:
      for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = (static_cast<double>(i) - 0.5 * static_cast<double>(data.size()) + 0.25) * 0.125;
      }
      for (std::size_t i = data.size(); i-- > 1;) std::swap(data[i], data[numbers.below(i + 1)]);
      break;
    case Draw::Index:
      for (double& value : data) value = static_cast<double>(numbers.below(3));
      return tensor.cast(DType::Int64);
    case Draw::Flag:
      for (double& value : data) value = static_cast<double>(numbers.below(2));
      return tensor.cast(DType::Bool);
  }
  return tensor;
}

/// The case's graph for a floating dtype.
struct Built {
  Graph graph;
  std::vector<Value> inputs;
  std::vector<Value> floating;
  std::vector<std::string> floating_names;
  Value output;

  Built(const OpCase& c, DType dtype) {
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      const bool is_float = c.inputs[i].draw != Draw::Index && c.inputs[i].draw != Draw::Flag;
      const DType type = is_float                          ? dtype
                         : c.inputs[i].draw == Draw::Index ? DType::Int64
                                                           : DType::Bool;
      inputs.push_back(graph.input(input_name(i), type, c.inputs[i].shape));
      if (is_float) {
        floating.push_back(inputs.back());
        floating_names.push_back(input_name(i));
      }
    }
    output = c.build(inputs);
  }
};

Feeds feeds_of(const OpCase& c, DType dtype) {
  Feeds feeds;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const Tensor tensor = draw(c.inputs[i], i + 1);
    feeds[input_name(i)] = tensor.dtype() == DType::Float64 ? tensor.cast(dtype) : tensor;
  }
  return feeds;
}

/// Calls `body` with the options that compile the case with each of the kernels that the backend
/// could take: the k-th time with the k-th wherever there are several.
void with_each_kernel(const std::function<void(const compiler::CompileOptions&)>& body) {
  std::size_t most = 1;
  for (std::size_t k = 0; k < most; ++k) {
    compiler::CompileOptions options;
    options.choose = [&](const runtime::KernelRequest& request,
                         const std::vector<std::string>& names) {
      EXPECT_FALSE(names.empty()) << request.where << ": no kernel applies";
      most = std::max(most, names.size());
      return names.empty() ? std::string() : names[k % names.size()];
    };
    body(options);
    if (testing::Test::HasFatalFailure()) return;
  }
}

void check_values(const OpCase& c, DType dtype, double tolerance,
                  const compiler::CompileOptions& options) {
  Built built(c, dtype);
  const Feeds feeds = feeds_of(c, dtype);
  std::vector<Array> arrays;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const Tensor& tensor = feeds.at(input_name(i));
    Array array(tensor.shape());
    for (std::int64_t k = 0; k < tensor.numel(); ++k) array[k] = tensor.at(k);
    arrays.push_back(std::move(array));
  }
  const Array wanted = c.reference(arrays);
  const Tensor found = compiler::eval({built.output}, feeds, options)[0];
  ASSERT_EQ(found.shape().str(), wanted.shape.str()) << c.name;
  for (std::int64_t i = 0; i < found.numel(); ++i) {
    if (std::isnan(wanted[i])) {
      ASSERT_TRUE(std::isnan(found.at(i))) << c.name << " element " << i << ": " << found.at(i);
      continue;
    }
    ASSERT_NEAR(found.at(i), wanted[i], tolerance * c.terms * std::max(1.0, std::abs(wanted[i])))
        << c.name << ", " << name_of(dtype) << ", element " << i;
  }
}

Value weighted_sum(Value y, std::uint64_t stream) {
  return ops::sum(y * y.graph().constant(draw({y.shape(), Draw::Normal}, stream).cast(y.dtype())));
}

/// A few elements of each input, spread over it. The error is relative to the largest slope with
/// respect to that input (or 0.01, below which differences of a scalar near 1 say nothing).
void check_differences(const std::string& what, Value scalar, const std::vector<Value>& slopes,
                       const std::vector<std::string>& names, Feeds feeds) {
  std::vector<Tensor> analytic = eval(slopes, feeds);
  for (std::size_t i = 0; i < names.size(); ++i) {
    Tensor& tensor = feeds.at(names[i]);
    double largest = 1e-2;
    for (std::int64_t k = 0; k < analytic[i].numel(); ++k)
      largest = std::max(largest, std::abs(analytic[i].at(k)));
    const std::int64_t stride = std::max<std::int64_t>(1, tensor.numel() / 7);
    for (std::int64_t k = 0; k < tensor.numel(); k += stride) {
      double& value = tensor.data<double>()[static_cast<std::size_t>(k)];
      const double kept = value;
      // Two step sizes, extrapolated (Richardson), leave an error of the fourth power of the step.
      const auto difference = [&](double step) {
        value = kept + step;
        const double above = eval(scalar, feeds).at(0);
        value = kept - step;
        const double below = eval(scalar, feeds).at(0);
        value = kept;
        return (above - below) / (2 * step);
      };
      constexpr double kStep = 2e-4;
      const double numeric = (4 * difference(kStep / 2) - difference(kStep)) / 3;
      ASSERT_NEAR(analytic[i].at(k), numeric, 1e-6 * largest)
          << what << ", " << names[i] << "[" << k << "]";
    }
  }
}

void check_gradients(const OpCase& c) {
  Built built(c, DType::Float64);
  const Feeds feeds = feeds_of(c, DType::Float64);
  const Value total = weighted_sum(built.output, 101);
  const std::vector<Value> first = gradients(total, built.floating);
  check_differences(c.name + ", gradient", total, first, built.floating_names, feeds);
  if (!c.second_order || testing::Test::HasFatalFailure()) return;
  Value of_gradients = weighted_sum(first[0], 102);
  for (std::size_t i = 1; i < first.size(); ++i)
    of_gradients = of_gradients + weighted_sum(first[i], 102 + i);
  check_differences(c.name + ", gradient of gradient", of_gradients,
                    gradients(of_gradients, built.floating), built.floating_names, feeds);
}

void check_threads(const OpCase& c, DType dtype, const compiler::CompileOptions& options) {
  const int threads = num_threads();
  std::vector<std::vector<Tensor>> results;
  for (int count : {1, 2}) {
    set_num_threads(count);
    Built built(c, dtype);
    std::vector<Value> values{built.output};
    if (c.gradient) {
      for (const Value& slope : gradients(weighted_sum(built.output, 101), built.floating))
        values.push_back(slope);
    }
    results.push_back(compiler::eval(values, feeds_of(c, dtype), options));
  }
  set_num_threads(threads);
  for (std::size_t i = 0; i < results[0].size(); ++i) {
    ASSERT_EQ(std::memcmp(results[0][i].raw(), results[1][i].raw(), results[0][i].bytes()), 0)
        << c.name << ", " << name_of(dtype) << ": result " << i
        << " has other bits with 2 threads than with 1";
  }
}

}  // namespace

void check(const OpCase& c) {
  with_each_kernel([&](const compiler::CompileOptions& options) {
    ASSERT_NO_FATAL_FAILURE(check_values(c, DType::Float64, 1e-13, options));
    ASSERT_NO_FATAL_FAILURE(check_values(c, DType::Float32, 2e-6, options));
    // Terms add up in float32; what is rounded is the result, and that of each op before it.
    if (c.bfloat16) {
      ASSERT_NO_FATAL_FAILURE(check_values(c, DType::BFloat16, 2e-2 / c.terms, options));
    }
    ASSERT_NO_FATAL_FAILURE(check_threads(c, DType::Float32, options));
    ASSERT_NO_FATAL_FAILURE(check_threads(c, DType::BFloat16, options));
  });
  if (testing::Test::HasFatalFailure()) return;
  if (c.gradient) {
    ASSERT_NO_FATAL_FAILURE(check_gradients(c));
  }
}

void for_each_index(
    const Shape& shape,
    const std::function<void(const std::vector<std::int64_t>&, std::int64_t)>& body) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(shape.rank()), 0);
  for (std::int64_t flat = 0; flat < shape.numel(); ++flat) {
    std::int64_t rest = flat;
    for (std::size_t axis = index.size(); axis-- > 0;) {
      index[axis] = rest % shape.dims()[axis];
      rest /= shape.dims()[axis];
    }
    body(index, flat);
  }
}

std::string case_name(const testing::TestParamInfo<OpCase>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (!std::isalnum(static_cast<unsigned char>(letter))) letter = '_';
  }
  return name + "_" + std::to_string(info.index);
}

}  // namespace sinew::testing_ops
