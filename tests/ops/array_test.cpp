#include "sinew/ops/array.h"

#include <algorithm>

#include "ops/crop.h"
#include "ops/op_harness.h"
#include "sinew/ops/elementwise.h"

namespace sinew::testing_ops {
namespace {

using Index = std::vector<std::int64_t>;

/// y[index] = x[from(index)], or `otherwise` where from gives an empty index.
Array moved(const Array& x, const Shape& shape, const std::function<Index(const Index&)>& from,
            double otherwise = 0) {
  Array y(shape);
  for_each_index(shape, [&](const Index& index, std::int64_t flat) {
    const Index source = from(index);
    if (source.size() != static_cast<std::size_t>(x.shape.rank())) {
      y[flat] = otherwise;
      return;
    }
    std::int64_t at = 0;
    for (int axis = 0; axis < x.shape.rank(); ++axis)
      at = at * x.shape[axis] + source[static_cast<std::size_t>(axis)];
    y[flat] = x[at];
  });
  return y;
}

OpCase move(const std::string& name, const Shape& x, const Shape& y, std::function<Value(Value)> op,
            std::function<Index(const Index&)> from, double otherwise = 0) {
  return {.name = name + x.str(),
          .inputs = {{x}},
          .build = [op](const std::vector<Value>& v) { return ops::square(op(v[0])); },
          .reference =
              [=](const std::vector<Array>& v) {
                Array result = moved(v[0], y, from, otherwise);
                for (double& value : result.data) value *= value;
                return result;
              }};
}

std::vector<OpCase> cases() {
  std::vector<OpCase> all;
  for (const Shape& x : {Shape{2, 3, 4}, Shape{1, 5, 1}, Shape{7, 2, 33}}) {
    const std::int64_t a = x[0], b = x[1], c = x[2];
    all.push_back(move(
        "transpose", x, {c, a, b},
        [](Value v) {
          return ops::transpose(v, {2, 0, 1});
        },
        [](const Index& i) {
          return Index{i[1], i[2], i[0]};
        }));
    all.push_back(move(
        "transpose_all", x, {c, b, a}, [](Value v) { return ops::transpose(v); },
        [](const Index& i) {
          return Index{i[2], i[1], i[0]};
        }));
    all.push_back(move(
        "reshape", x, {a * b, c},
        [](Value v) {
          return ops::reshape(v, {-1, v.dim(2)});
        },
        [b](const Index& i) {
          return Index{i[0] / b, i[0] % b, i[1]};
        }));
    all.push_back(move(
        "broadcast", x, {3, a, b, c},
        [](Value v) { return ops::broadcast_to(v, v.shape().prepend(3)); },
        [](const Index& i) {
          return Index{i[1], i[2], i[3]};
        }));
    all.push_back(move(
        "slice", x, {a, b - 1, c}, [b](Value v) { return ops::slice(v, 1, 1, b); },
        [](const Index& i) {
          return Index{i[0], i[1] + 1, i[2]};
        }));
    all.push_back(move(
        "slice_by_two", x, {a, b, (c + 1) / 2}, [c](Value v) { return ops::slice(v, -1, 0, c, 2); },
        [](const Index& i) {
          return Index{i[0], i[1], 2 * i[2]};
        }));
    all.push_back(move(
        "select", x, {a, c}, [](Value v) { return ops::select(v, 1, -1); },
        [b](const Index& i) {
          return Index{i[0], b - 1, i[1]};
        }));
    all.push_back(move(
        "reverse", x, x,
        [](Value v) {
          return ops::reverse(v, {0, -1});
        },
        [a, c](const Index& i) {
          return Index{a - 1 - i[0], i[1], c - 1 - i[2]};
        }));
    all.push_back(move(
        "expand", x, {a, 1, b, c}, [](Value v) { return ops::expand_dims(v, 1); },
        [](const Index& i) {
          return Index{i[0], i[2], i[3]};
        }));
    all.push_back(move(
        "pad", x, {a + 1, b, c + 3},
        [](Value v) {
          return ops::pad(v, {0, 0, 2}, {1, 0, 1}, 0.75);
        },
        [a, c](const Index& i) {
          return i[0] < a && i[2] >= 2 && i[2] < c + 2 ? Index{i[0], i[1], i[2] - 2} : Index{};
        },
        0.75));
    if (c > 3) {
      all.push_back(move(
          "crop", x, {a, b - 1, c - 3},
          [](Value v) {
            return ops::crop(v, {0, 1, 1}, {0, 0, 2});
          },
          [](const Index& i) {
            return Index{i[0], i[1] + 1, i[2] + 1};
          }));
    }
    for (int axis = 0; axis < 3; ++axis) {
      const Shape other = x.with(axis, 2);
      all.push_back({.name = "concatenate" + x.str() + std::to_string(axis),
                     .inputs = {{x}, {other}, {x}},
                     .build =
                         [axis](const std::vector<Value>& v) {
                           return ops::square(ops::concatenate(v, axis));
                         },
                     .reference =
                         [axis, x](const std::vector<Array>& v) {
                           Array y(x.with(axis, 2 * x[axis] + 2));
                           for_each_index(y.shape, [&](Index index, std::int64_t flat) {
                             std::size_t part = 0;
                             std::int64_t& at = index[static_cast<std::size_t>(axis)];
                             while (at >= v[part].shape[axis]) at -= v[part++].shape[axis];
                             std::int64_t from = 0;
                             for (int k = 0; k < 3; ++k)
                               from = from * v[part].shape[k] + index[static_cast<std::size_t>(k)];
                             y[flat] = v[part][from] * v[part][from];
                           });
                           return y;
                         }});
    }
    all.push_back(
        {.name = "stack" + x.str(),
         .inputs = {{x}, {x}},
         .build = [](const std::vector<Value>& v) { return ops::square(ops::stack(v, 0)); },
         .reference =
             [x](const std::vector<Array>& v) {
               Array y(x.prepend(2));
               for (std::int64_t i = 0; i < y.shape.numel(); ++i) {
                 const double value = v[static_cast<std::size_t>(i / x.numel())][i % x.numel()];
                 y[i] = value * value;
               }
               return y;
             }});
  }
  for (const auto& [rows, width, count] :
       {std::tuple{3, 1, 1}, {3, 5, 7}, {4, 33, 300}, {9, 130, 2}}) {
    const Shape table{rows, width};
    const Shape indices{count, 2};
    all.push_back(
        {.name = "gather" + table.str(),
         .inputs = {{table}, {indices, Draw::Index}},
         .build = [](const std::vector<Value>& v) { return ops::square(ops::gather(v[0], v[1])); },
         .reference =
             [w = width](const std::vector<Array>& v) {
               Array y(Shape{v[1].shape[0], 2, w});
               for (std::int64_t i = 0; i < v[1].shape.numel(); ++i) {
                 for (std::int64_t k = 0; k < w; ++k) {
                   const double value = v[0][static_cast<std::int64_t>(v[1][i]) * w + k];
                   y[i * w + k] = value * value;
                 }
               }
               return y;
             }});
    all.push_back({.name = "scatter_add" + table.str(),
                   .inputs = {{indices, Draw::Index}, {{count, 2, width}}},
                   .build =
                       [r = rows](const std::vector<Value>& v) {
                         return ops::square(ops::scatter_add(v[0], v[1], r));
                       },
                   .reference =
                       [r = rows, w = width](const std::vector<Array>& v) {
                         Array y(Shape{r, w});
                         for (std::int64_t i = 0; i < v[0].shape.numel(); ++i) {
                           for (std::int64_t k = 0; k < w; ++k)
                             y[static_cast<std::int64_t>(v[0][i]) * w + k] += v[1][i * w + k];
                         }
                         for (double& value : y.data) value *= value;
                         return y;
                       },
                   .terms = 100});
  }
  all.push_back({.name = "one_hot",
                 .inputs = {{{4, 3}, Draw::Index}},
                 .build = [](const std::vector<Value>& v) { return ops::one_hot(v[0], 3); },
                 .reference =
                     [](const std::vector<Array>& v) {
                       Array y(Shape{4, 3, 3});
                       for (std::int64_t i = 0; i < 12; ++i)
                         y[i * 3 + static_cast<std::int64_t>(v[0][i])] = 1;
                       return y;
                     },
                 .gradient = false});
  return all;
}

SINEW_OP_TABLE(ArrayOps, cases());

}  // namespace
}  // namespace sinew::testing_ops
