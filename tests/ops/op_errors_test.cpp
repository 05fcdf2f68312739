#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

struct BadInput {
  std::string op;
  std::function<void(Graph&)> build;
  std::vector<std::string> said;
};

Value input(Graph& graph, const std::string& name, Shape shape, DType dtype = DType::Float32) {
  return graph.input(name, dtype, std::move(shape));
}

TEST(OpErrors, NameOpLayerAndShapes) {
  const std::vector<BadInput> cases = {
      {"add",
       [](Graph& g) {
         input(g, "a", {2, 3}) + input(g, "b", {4});
       },
       {"op add", "(2, 3)", "(4,)"}},
      {"add",
       [](Graph& g) { input(g, "a", {2}) + input(g, "b", {2}, DType::Float64); },
       {"op add", "float32", "float64"}},
      {"exp", [](Graph& g) { ops::exp(input(g, "a", {2}, DType::Int64)); }, {"op exp", "int64"}},
      {"where",
       [](Graph& g) {
         const Value a = input(g, "a", {2});
         ops::where(a, a, a);
       },
       {"op where", "float32"}},
      {"layer_norm",
       [](Graph& g) {
         ops::layer_norm(input(g, "x", {2, 3}), input(g, "gamma", {2}));
       },
       {"op layer_norm", "gamma", "(2, 3)", "(2,)"}},
      {"attention",
       [](Graph& g) {
         ops::attention(input(g, "q", {1, 2, 3, 4}), input(g, "k", {1, 2, 2, 4}),
                        input(g, "v", {1, 2, 3, 4}));
       },
       {"op attention", "(1, 2, 3, 4)", "(1, 2, 2, 4)", "heads"}},
      {"attention",
       [](Graph& g) {
         const Value x = input(g, "x", {1, 2, 3, 4});
         ops::attention(x, x, x, {.mask = input(g, "m", {5}, DType::Bool)});
       },
       {"op attention", "mask", "(5,)", "(1, 3, 2, 2)"}},
      {"matmul",
       [](Graph& g) {
         ops::matmul(input(g, "a", {2, 3}), input(g, "b", {4, 5}));
       },
       {"op matmul", "(2, 3)", "(4, 5)"}},
      {"matmul",
       [](Graph& g) {
         ops::matmul(input(g, "a", {3}), input(g, "b", {3, 5}));
       },
       {"op matmul", "(3,)"}},
      {"conv",
       [](Graph& g) {
         ops::conv(input(g, "x", {1, 8, 8, 3}), input(g, "w", {3, 3, 4, 8}));
       },
       {"op conv", "(1, 8, 8, 3)", "(3, 3, 4, 8)", "3 channels"}},
      {"conv",
       [](Graph& g) {
         ops::conv(input(g, "x", {1, 2, 8, 3}), input(g, "w", {3, 3, 3, 8}));
       },
       {"larger than"}},
      {"conv",
       [](Graph& g) {
         ops::conv(input(g, "x", {8, 8, 3}), input(g, "w", {3, 3, 3, 8}));
       },
       {"rank 4"}},
      {"max_pool",
       [](Graph& g) {
         ops::max_pool(input(g, "x", {1, 1, 4, 3}));
       },
       {"op max_pool", "(1, 1, 4, 3)", "(2, 2)"}},
      {"reshape",
       [](Graph& g) {
         ops::reshape(input(g, "x", {2, 3}), {4, 2});
       },
       {"op reshape", "(2, 3)", "(4, 2)"}},
      {"transpose",
       [](Graph& g) {
         ops::transpose(input(g, "x", {2, 3}), {0, 0});
       },
       {"op transpose", "(2, 3)"}},
      {"concatenate",
       [](Graph& g) {
         ops::concatenate({input(g, "a", {2, 3}), input(g, "b", {3, 4})}, 0);
       },
       {"op concatenate", "(2, 3)", "(3, 4)"}},
      {"broadcast_to",
       [](Graph& g) {
         ops::broadcast_to(input(g, "x", {2, 3}), {2, 4});
       },
       {"op broadcast_to", "(2, 3)", "(2, 4)"}},
      {"slice",
       [](Graph& g) {
         ops::slice(input(g, "x", {2, 3}), 1, 1, 4);
       },
       {"slice", "(2, 3)"}},
      {"gather",
       [](Graph& g) {
         ops::gather(input(g, "t", {2, 3}), input(g, "i", {2}));
       },
       {"op gather", "float32"}},
      {"softmax",
       [](Graph& g) { ops::softmax(input(g, "x", {2}, DType::Int64)); },
       {"op softmax", "int64"}},
      {"sparse_softmax_cross_entropy",
       [](Graph& g) {
         ops::sparse_softmax_cross_entropy(input(g, "x", {4, 3}), input(g, "y", {5}, DType::Int64));
       },
       {"op sparse_softmax_cross_entropy", "(5,)", "(4, 3)"}},
      {"sum",
       [](Graph& g) {
         ops::sum(input(g, "x", {4, 3}), {2});
       },
       {"axis 2"}},
  };
  for (const BadInput& c : cases) {
    Graph graph;
    const Graph::Scope scope(graph, "Dense \"dense_1\"");
    try {
      c.build(graph);
      ADD_FAILURE() << c.op << " accepted bad input";
    } catch (const Error& error) {
      for (const std::string& said : c.said) EXPECT_THAT(error.what(), testing::HasSubstr(said));
      if (c.said[0].substr(0, 3) == "op ") {
        EXPECT_THAT(error.what(), testing::StartsWith("Dense \"dense_1\", "));
      }
    }
  }
}

}  // namespace
}  // namespace sinew
