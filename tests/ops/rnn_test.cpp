#include "sinew/ops/rnn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "sinew/autodiff/gradients.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"
#include "sinew/base/philox.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

struct Case {
  std::int64_t rows, steps, features, units;
  bool bias, states;
};

const std::vector<Case> kCases = {{1, 1, 1, 1, true, false},  {3, 2, 5, 8, true, true},
                                  {8, 7, 1, 3, false, true},  {9, 3, 9, 17, true, false},
                                  {17, 2, 4, 32, true, true}, {2, 5, 3, 33, false, false},
                                  {1, 3, 5, 64, true, true},  {9, 18, 3, 4, true, true}};

using Feeds = std::map<std::string, Tensor>;

/// A recurrent op under test: its number of gates, how to build it, and the textbook step h, c =
/// step(z, h, c).
struct Network {
  std::string name;
  std::int64_t gates;
  std::string activation;
};
const std::vector<Network> kNetworks = {{"lstm", 4, ""},
                                        {"simple_rnn", 1, "tanh"},
                                        {"simple_rnn", 1, "relu"},
                                        {"simple_rnn", 1, "sigmoid"},
                                        {"simple_rnn", 1, "linear"}};

Tensor random(Shape shape, std::uint64_t stream, DType dtype) {
  PhiloxStream numbers(7, stream);
  Tensor tensor(std::move(shape), DType::Float64);
  for (double& value : tensor.data<double>()) value = numbers.normal() * 0.5;
  return tensor.cast(dtype);
}

Feeds feeds_of(const Case& c, std::int64_t gates, DType dtype) {
  return {{"x", random({c.rows, c.steps, c.features}, 1, dtype)},
          {"kernel", random({c.features, gates * c.units}, 2, dtype)},
          {"recurrent", random({c.units, gates * c.units}, 3, dtype)},
          {"bias", random({gates * c.units}, 4, dtype)},
          {"h0", random({c.rows, c.units}, 5, dtype)},
          {"c0", random({c.rows, c.units}, 6, dtype)}};
}

struct Built {
  ops::RecurrentOutputs outputs;
  std::vector<std::string> names;
  std::vector<Value> inputs;
};

Built build(Graph& graph, const Case& c, const Network& network, DType dtype) {
  Built built;
  const Feeds shapes = feeds_of(c, network.gates, dtype);
  const auto input = [&](const std::string& name) {
    built.names.push_back(name);
    built.inputs.push_back(graph.input(name, dtype, shapes.at(name).shape()));
    return built.inputs.back();
  };
  const Value x = input("x");
  const Value kernel = input("kernel");
  const Value recurrent = input("recurrent");
  const Value bias = c.bias ? input("bias") : Value();
  const Value h0 = c.states ? input("h0") : Value();
  const Value c0 = c.states && network.gates == 4 ? input("c0") : Value();
  built.outputs = network.gates == 4
                      ? ops::lstm(x, kernel, recurrent, bias, h0, c0)
                      : ops::simple_rnn(x, kernel, recurrent, bias, h0, network.activation);
  return built;
}

double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }

/// The textbook's loops: the sequence of hidden states, in double.
std::vector<double> reference(const Case& c, const Network& network, const Feeds& f) {
  const std::int64_t width = network.gates * c.units;
  std::vector<double> sequence;
  for (std::int64_t n = 0; n < c.rows; ++n) {
    std::vector<double> h(static_cast<std::size_t>(c.units), 0.0);
    std::vector<double> cell = h;
    for (std::size_t k = 0; c.states && k < h.size(); ++k) {
      h[k] = f.at("h0").at(n * c.units + static_cast<std::int64_t>(k));
      cell[k] = f.at("c0").at(n * c.units + static_cast<std::int64_t>(k));
    }
    for (std::int64_t t = 0; t < c.steps; ++t) {
      std::vector<double> z(static_cast<std::size_t>(width));
      for (std::int64_t j = 0; j < width; ++j) {
        double sum = c.bias ? f.at("bias").at(j) : 0.0;
        for (std::int64_t i = 0; i < c.features; ++i) {
          sum +=
              f.at("x").at((n * c.steps + t) * c.features + i) * f.at("kernel").at(i * width + j);
        }
        for (std::int64_t i = 0; i < c.units; ++i) {
          sum += h[static_cast<std::size_t>(i)] * f.at("recurrent").at(i * width + j);
        }
        z[static_cast<std::size_t>(j)] = sum;
      }
      for (std::size_t k = 0; k < h.size(); ++k) {
        const auto units = static_cast<std::size_t>(c.units);
        if (network.gates == 4) {
          cell[k] = sigmoid(z[units + k]) * cell[k] + sigmoid(z[k]) * std::tanh(z[2 * units + k]);
          h[k] = sigmoid(z[3 * units + k]) * std::tanh(cell[k]);
        } else if (network.activation == "tanh") {
          h[k] = std::tanh(z[k]);
        } else if (network.activation == "sigmoid") {
          h[k] = sigmoid(z[k]);
        } else {
          h[k] = network.activation == "relu" ? std::max(0.0, z[k]) : z[k];
        }
      }
      sequence.insert(sequence.end(), h.begin(), h.end());
    }
  }
  return sequence;
}

TEST(Rnn, ValuesAreTheTextbooks) {
  for (const Network& network : kNetworks) {
    for (const Case& c : kCases) {
      for (DType dtype : {DType::Float64, DType::Float32}) {
        Graph graph;
        const Built built = build(graph, c, network, dtype);
        const Feeds feeds = feeds_of(c, network.gates, dtype);
        const auto result = eval({built.outputs.sequence, built.outputs.hidden}, feeds);
        const std::vector<double> wanted = reference(c, network, feeds);
        const double tolerance = dtype == DType::Float64 ? 1e-12 : 2e-5;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
          ASSERT_NEAR(result[0].at(static_cast<std::int64_t>(i)), wanted[i],
                      tolerance * (1 + std::abs(wanted[i])))
              << network.name << " " << network.activation << " case with " << c.units
              << " units, element " << i;
        }
        for (std::int64_t n = 0; n < c.rows; ++n) {
          EXPECT_EQ(result[1].at(n * c.units), result[0].at((n * c.steps + c.steps - 1) * c.units));
        }
      }
    }
  }
}

/// A scalar that weighs every output differently.
Value score(const Built& built) {
  Graph& graph = built.inputs[0].graph();
  const auto weighted = [&](Value y, std::uint64_t stream) {
    return ops::sum(y * graph.constant(random(y.shape(), stream, y.dtype())));
  };
  Value total = weighted(built.outputs.sequence, 11) + weighted(built.outputs.hidden, 12);
  if (built.outputs.cell) total = total + weighted(built.outputs.cell, 13);
  return total;
}

/// Central differences of a scalar against given gradients, a few elements of each input.
void check_differences(const Value& scalar, const std::vector<Value>& slopes,
                       const std::vector<std::string>& names, Feeds feeds,
                       const std::string& what) {
  std::vector<Value> values = slopes;
  values.push_back(scalar);
  const auto analytic = eval(values, feeds);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Tensor& tensor = feeds.at(names[i]);
    const std::int64_t stride = std::max<std::int64_t>(1, tensor.numel() / 5);
    for (std::int64_t k = 0; k < tensor.numel(); k += stride) {
      double& value = tensor.data<double>()[static_cast<std::size_t>(k)];
      const double kept = value;
      value = kept + kStep;
      const double above = eval(scalar, feeds).at(0);
      value = kept - kStep;
      const double below = eval(scalar, feeds).at(0);
      value = kept;
      const double numeric = (above - below) / (2 * kStep);
      ASSERT_NEAR(analytic[i].at(k), numeric, 1e-6 * std::max(1.0, std::abs(numeric)))
          << what << ", " << names[i] << "[" << k << "]";
    }
  }
}

TEST(Rnn, GradientsAreCentralDifferences) {
  for (const Network& network : kNetworks) {
    for (const Case& c : kCases) {
      Graph graph;
      const Built built = build(graph, c, network, DType::Float64);
      const Value total = score(built);
      check_differences(total, gradients(total, built.inputs), built.names,
                        feeds_of(c, network.gates, DType::Float64),
                        network.name + " " + network.activation);
    }
  }
}

TEST(Rnn, GradientsInFloat32AreThoseOfFloat64) {
  for (const Network& network : kNetworks) {
    for (const Case& c : kCases) {
      std::vector<std::vector<Tensor>> results;
      for (DType dtype : {DType::Float64, DType::Float32}) {
        Graph graph;
        const Built built = build(graph, c, network, dtype);
        results.push_back(
            eval(gradients(score(built), built.inputs), feeds_of(c, network.gates, dtype)));
      }
      for (std::size_t i = 0; i < results[0].size(); ++i) {
        for (std::int64_t k = 0; k < results[0][i].numel(); ++k) {
          const double wanted = results[0][i].at(k);
          ASSERT_NEAR(results[1][i].at(k), wanted, 5e-5 * (1 + std::abs(wanted)))
              << network.name << " " << network.activation << ", gradient " << i
              << " of a case with " << c.units << " units";
        }
      }
    }
  }
}

TEST(Rnn, GradientsOfGradients) {
  for (const Network& network : kNetworks) {
    Graph graph;
    const Case c{2, 3, 2, 3, true, true};
    const Built built = build(graph, c, network, DType::Float64);
    const std::vector<Value> first = gradients(score(built), built.inputs);
    Value total = ops::sum(ops::square(first[0]));
    for (std::size_t i = 1; i < first.size(); ++i) total = total + ops::sum(ops::square(first[i]));
    check_differences(total, gradients(total, built.inputs), built.names,
                      feeds_of(c, network.gates, DType::Float64),
                      network.name + " " + network.activation + ", second order");
  }
}

TEST(Rnn, BitsDoNotDependOnThreads) {
  const int threads = num_threads();
  for (const Case& c : {Case{32, 128, 9, 128, true, false}, Case{33, 5, 7, 19, true, true},
                        Case{3, 20, 9, 64, true, true}}) {
    std::vector<std::vector<Tensor>> results;
    for (int count : {1, 2}) {
      set_num_threads(count);
      Graph graph;
      const Built built = build(graph, c, kNetworks[0], DType::Float32);
      std::vector<Value> values =
          gradients(ops::sum(ops::square(built.outputs.sequence)), built.inputs);
      values.push_back(built.outputs.sequence);
      results.push_back(eval(values, feeds_of(c, 4, DType::Float32)));
    }
    for (std::size_t i = 0; i < results[0].size(); ++i) {
      EXPECT_EQ(std::memcmp(results[0][i].raw(), results[1][i].raw(), results[0][i].bytes()), 0)
          << "result " << i;
    }
  }
  set_num_threads(threads);
}

TEST(Rnn, RefusesWrongShapes) {
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {2, 3, 4});
  const Value kernel = graph.input("w", DType::Float32, {5, 12});
  const Value recurrent = graph.input("u", DType::Float32, {3, 12});
  try {
    ops::lstm(x, kernel, recurrent, {});
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_THAT(error.what(),
                testing::AllOf(testing::HasSubstr("op lstm"), testing::HasSubstr("(2, 3, 4)"),
                               testing::HasSubstr("(5, 12)")));
  }
  EXPECT_THROW(ops::lstm(kernel, kernel, recurrent, {}), ShapeError);
  EXPECT_THROW(ops::simple_rnn(x, kernel, recurrent, {}), ShapeError);
  EXPECT_THROW(ops::simple_rnn(x, kernel, recurrent, {}, {}, "gelu"), ValueError);
}

}  // namespace
}  // namespace sinew
