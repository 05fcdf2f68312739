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
  /// Of rows; empty where all take all steps.
  std::vector<std::int64_t> lengths = {};
  std::int64_t steps_of(std::int64_t row) const {
    return lengths.empty() ? steps : lengths[static_cast<std::size_t>(row)];
  }
};

const std::vector<Case> kCases = {{1, 1, 1, 1, true, false},
                                  {3, 2, 5, 8, true, true},
                                  {8, 7, 1, 3, false, true},
                                  {9, 3, 9, 17, true, false},
                                  {17, 2, 4, 32, true, true},
                                  {2, 5, 3, 33, false, false},
                                  {1, 3, 5, 64, true, true},
                                  {9, 18, 3, 4, true, true},
                                  {3, 5, 2, 3, true, true, {4, 2, 0}},
                                  {2, 4, 3, 32, false, false, {3, 1}},
                                  {10, 35, 2, 3, true, true, {35, 33, 33, 20, 16, 15, 3, 2, 1, 0}},
                                  {9, 3, 2, 2, true, false, std::vector<std::int64_t>(9, 0)}};

using Feeds = std::map<std::string, Tensor>;

/// A recurrent op under test: its number of gates, how to build it, and the textbook step h, c =
/// step(z, h, c).
struct Network {
  std::string name;
  std::int64_t gates;
  std::string activation;
  bool resets_after() const { return activation == "reset after"; }
};
const std::vector<Network> kNetworks = {{"lstm", 4, ""},
                                        {"gru", 3, "reset after"},
                                        {"gru", 3, "reset before"},
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

Feeds feeds_of(const Case& c, const Network& network, DType dtype) {
  const std::int64_t gates = network.gates;
  const Shape biases{gates * c.units};
  Feeds feeds{{"x", random({c.rows, c.steps, c.features}, 1, dtype)},
              {"kernel", random({c.features, gates * c.units}, 2, dtype)},
              {"recurrent", random({c.units, gates * c.units}, 3, dtype)},
              {"bias", random(network.resets_after() ? biases.prepend(2) : biases, 4, dtype)},
              {"h0", random({c.rows, c.units}, 5, dtype)},
              {"c0", random({c.rows, c.units}, 6, dtype)}};
  if (!c.lengths.empty()) feeds["lengths"] = Tensor::from(c.lengths, Shape{c.rows});
  return feeds;
}

struct Built {
  ops::RecurrentOutputs outputs;
  std::vector<std::string> names;
  std::vector<Value> inputs;
};

Built build(Graph& graph, const Case& c, const Network& network, DType dtype) {
  Built built;
  const Feeds shapes = feeds_of(c, network, dtype);
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
  const Value lengths =
      c.lengths.empty() ? Value() : graph.input("lengths", DType::Int64, Shape{c.rows});
  if (network.gates == 4) {
    built.outputs = ops::lstm(x, kernel, recurrent, bias, h0, c0, lengths);
  } else if (network.gates == 3) {
    built.outputs = ops::gru(x, kernel, recurrent, bias, h0, lengths, network.resets_after());
  } else {
    built.outputs = ops::simple_rnn(x, kernel, recurrent, bias, h0, network.activation, lengths);
  }
  return built;
}

double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }

struct Reference {
  std::vector<double> sequence, hidden;
};

/// The textbook's loops: the sequence of hidden states, and the last ones, in double.
Reference reference(const Case& c, const Network& network, const Feeds& f) {
  const std::int64_t width = network.gates * c.units;
  Reference result;
  for (std::int64_t n = 0; n < c.rows; ++n) {
    std::vector<double> h(static_cast<std::size_t>(c.units), 0.0);
    std::vector<double> cell = h;
    for (std::size_t k = 0; c.states && k < h.size(); ++k) {
      h[k] = f.at("h0").at(n * c.units + static_cast<std::int64_t>(k));
      cell[k] = f.at("c0").at(n * c.units + static_cast<std::int64_t>(k));
    }
    for (std::int64_t t = 0; t < c.steps_of(n); ++t) {
      std::vector<double> z(static_cast<std::size_t>(width)), of_state = z;
      for (std::int64_t j = 0; j < width; ++j) {
        double sum = c.bias ? f.at("bias").at(j) : 0.0;
        for (std::int64_t i = 0; i < c.features; ++i) {
          sum +=
              f.at("x").at((n * c.steps + t) * c.features + i) * f.at("kernel").at(i * width + j);
        }
        double product = network.resets_after() && c.bias ? f.at("bias").at(width + j) : 0.0;
        for (std::int64_t i = 0; i < c.units; ++i) {
          product += h[static_cast<std::size_t>(i)] * f.at("recurrent").at(i * width + j);
        }
        of_state[static_cast<std::size_t>(j)] = product;
        z[static_cast<std::size_t>(j)] = sum + product;
      }
      const std::vector<double> before = h;
      for (std::size_t k = 0; k < h.size(); ++k) {
        const auto units = static_cast<std::size_t>(c.units);
        if (network.gates == 4) {
          cell[k] = sigmoid(z[units + k]) * cell[k] + sigmoid(z[k]) * std::tanh(z[2 * units + k]);
          h[k] = sigmoid(z[3 * units + k]) * std::tanh(cell[k]);
        } else if (network.gates == 3) {
          const double update = sigmoid(z[k]);
          const std::size_t at = 2 * units + k;
          double product = network.resets_after() ? sigmoid(z[units + k]) * of_state[at] : 0.0;
          for (std::size_t i = 0; !network.resets_after() && i < units; ++i) {
            product += sigmoid(z[units + i]) * before[i] *
                       f.at("recurrent").at(static_cast<std::int64_t>(3 * units * i + at));
          }
          const double candidate = std::tanh(z[at] - of_state[at] + product);
          h[k] = update * h[k] + (1 - update) * candidate;
        } else if (network.activation == "tanh") {
          h[k] = std::tanh(z[k]);
        } else if (network.activation == "sigmoid") {
          h[k] = sigmoid(z[k]);
        } else {
          h[k] = network.activation == "relu" ? std::max(0.0, z[k]) : z[k];
        }
      }
      result.sequence.insert(result.sequence.end(), h.begin(), h.end());
    }
    result.sequence.resize(static_cast<std::size_t>((n + 1) * c.steps * c.units), 0.0);
    result.hidden.insert(result.hidden.end(), h.begin(), h.end());
  }
  return result;
}

TEST(Rnn, ValuesAreTheTextbooks) {
  for (const Network& network : kNetworks) {
    for (const Case& c : kCases) {
      for (DType dtype : {DType::Float64, DType::Float32}) {
        Graph graph;
        const Built built = build(graph, c, network, dtype);
        const Feeds feeds = feeds_of(c, network, dtype);
        const auto result = eval({built.outputs.sequence, built.outputs.hidden}, feeds);
        const Reference wanted = reference(c, network, feeds);
        const double tolerance = dtype == DType::Float64 ? 1e-12 : 2e-5;
        const auto same = [&](const Tensor& found, const std::vector<double>& numbers) {
          for (std::size_t i = 0; i < numbers.size(); ++i) {
            ASSERT_NEAR(found.at(static_cast<std::int64_t>(i)), numbers[i],
                        tolerance * (1 + std::abs(numbers[i])))
                << network.name << " " << network.activation << " case with " << c.units
                << " units, element " << i;
          }
        };
        same(result[0], wanted.sequence);
        same(result[1], wanted.hidden);
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
                        feeds_of(c, network, DType::Float64),
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
        results.push_back(eval(gradients(score(built), built.inputs), feeds_of(c, network, dtype)));
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
    const Case c{2, 3, 2, 3, true, true, {3, 2}};
    const Built built = build(graph, c, network, DType::Float64);
    const std::vector<Value> first = gradients(score(built), built.inputs);
    Value total = ops::sum(ops::square(first[0]));
    for (std::size_t i = 1; i < first.size(); ++i) total = total + ops::sum(ops::square(first[i]));
    check_differences(total, gradients(total, built.inputs), built.names,
                      feeds_of(c, network, DType::Float64),
                      network.name + " " + network.activation + ", second order");
  }
}

TEST(Rnn, BitsDoNotDependOnThreads) {
  const int threads = num_threads();
  std::vector<Case> cases{{32, 128, 9, 128, true, false},
                          {33, 5, 7, 19, true, true},
                          {3, 20, 9, 64, true, true},
                          {26, 40, 5, 32, true, true, {}}};
  for (std::int64_t row = 0; row < 26; ++row) cases.back().lengths.push_back(39 - 3 * row / 2);
  for (const Network& network : {kNetworks[0], kNetworks[1], kNetworks[2], kNetworks[3]}) {
    for (const Case& c : cases) {
      std::vector<std::vector<Tensor>> results;
      for (int count : {1, 2}) {
        set_num_threads(count);
        Graph graph;
        const Built built = build(graph, c, network, DType::Float32);
        std::vector<Value> values =
            gradients(ops::sum(ops::square(built.outputs.sequence)), built.inputs);
        values.push_back(built.outputs.sequence);
        results.push_back(eval(values, feeds_of(c, network, DType::Float32)));
      }
      for (std::size_t i = 0; i < results[0].size(); ++i) {
        EXPECT_EQ(std::memcmp(results[0][i].raw(), results[1][i].raw(), results[0][i].bytes()), 0)
            << network.name << ", result " << i;
      }
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
  EXPECT_THROW(ops::gru(x, kernel, recurrent, {}), ShapeError);
  const Value fitting = graph.input("fitting", DType::Float32, {4, 12});
  EXPECT_THROW(ops::lstm(x, fitting, recurrent, {}, {}, {}, graph.input("n", DType::Int64, {3})),
               ShapeError);
  const Value gates = graph.input("gates", DType::Float32, {4, 9});
  const Value bias = graph.input("bias", DType::Float32, Shape{9});
  EXPECT_THROW(ops::gru(x, gates, graph.input("v", DType::Float32, {3, 9}), bias), ShapeError);
}

TEST(Rnn, RefusesLengthsThatItCannotTake) {
  for (const std::vector<std::int64_t>& lengths :
       {std::vector<std::int64_t>{2, 3}, {4, 1}, {1, -1}}) {
    const Case c{2, 3, 2, 2, true, false, lengths};
    Graph graph;
    const Built built = build(graph, c, kNetworks[1], DType::Float32);
    EXPECT_THROW(eval(built.outputs.hidden, feeds_of(c, kNetworks[1], DType::Float32)), ValueError);
  }
}

}  // namespace
}  // namespace sinew
