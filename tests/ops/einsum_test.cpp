#include "sinew/ops/einsum.h"

#include <gmock/gmock.h>

#include <map>

#include "ops/op_harness.h"
#include "sinew/base/error.h"
#include "sinew/ops/array.h"

namespace sinew::testing_ops {
namespace {

/// The definition: a loop over every letter's extent. `a`, `b` and `y` are letters without "...".
OpCase einsum_case(const std::string& equation, const std::string& a, const std::string& b,
                   const std::string& y, Shape a_shape, Shape b_shape) {
  const auto reference = [=](const std::vector<Array>& in) {
    std::map<char, std::int64_t> extents;
    for (std::size_t i = 0; i < a.size(); ++i) extents[a[i]] = a_shape[static_cast<int>(i)];
    for (std::size_t i = 0; i < b.size(); ++i) extents[b[i]] = b_shape[static_cast<int>(i)];
    std::string letters;
    std::vector<std::int64_t> all, result;
    for (const auto& [letter, extent] : extents) {
      letters += letter;
      all.push_back(extent);
    }
    for (char letter : y) result.push_back(extents[letter]);
    Array out{Shape(result)};
    for_each_index(Shape(all), [&](const std::vector<std::int64_t>& index, std::int64_t) {
      const auto offset = [&](const std::string& term) {
        std::int64_t flat = 0;
        for (char letter : term) flat = flat * extents[letter] + index[letters.find(letter)];
        return flat;
      };
      out[offset(y)] += in[0][offset(a)] * in[1][offset(b)];
    });
    return out;
  };
  std::string name = equation;
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter))) letter = '_';
  return {.name = name,
          .inputs = {{a_shape}, {b_shape}},
          .build = [=](const std::vector<Value>& v) { return ops::einsum(equation, v[0], v[1]); },
          .reference = reference,
          .terms = 24};
}

std::vector<OpCase> cases() {
  const auto plain = [](const std::string& a, const std::string& b, const std::string& y,
                        Shape a_shape, Shape b_shape) {
    return einsum_case(a + "," + b + "->" + y, a, b, y, a_shape, b_shape);
  };
  return {
      plain("abc", "cd", "abd", {2, 3, 4}, {4, 5}),
      plain("abc", "dc", "abd", {2, 3, 4}, {5, 4}),
      plain("acb", "cd", "abd", {2, 4, 3}, {4, 5}),
      plain("abcd", "cde", "abe", {2, 3, 2, 3}, {2, 3, 4}),
      plain("abcd", "dce", "eba", {2, 3, 2, 3}, {3, 2, 4}),
      plain("nthd", "nshd", "nhts", {2, 3, 2, 4}, {2, 5, 2, 4}),
      plain("nhts", "nshe", "nthe", {2, 2, 3, 4}, {2, 4, 2, 3}),
      plain("ab", "cd", "acbd", {2, 3}, {4, 2}),
      plain("ab", "ab", "ab", {2, 3}, {2, 3}),
      plain("ab", "b", "a", {2, 3}, {3}),
      plain("abx", "bcy", "ac", {2, 3, 2}, {3, 4, 2}),
      einsum_case("...x,xy->...y", "abx", "xy", "aby", {2, 3, 4}, {4, 2}),
      einsum_case("ab...,bc->ac...", "abxy", "bc", "acxy", {2, 3, 2, 2}, {3, 4}),
  };
}

SINEW_OP_TABLE(Einsum, cases());

TEST(Einsum, Errors) {
  Graph graph;
  const Value a = ops::zeros(graph, {2, 3}), b = ops::zeros(graph, {4, 5});
  const auto message = [&](const std::string& equation) -> std::string {
    try {
      ops::einsum(equation, a, b);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("ab,bc->ac"),
            "einsum \"ab,bc->ac\": operands (2, 3) and (4, 5) have 'b' of extents 3 and 4");
  EXPECT_EQ(message("abc,cd->ab"),
            "einsum \"abc,cd->ab\": \"abc\" does not name the axes of (2, 3)");
  EXPECT_EQ(message("ab,cd"), "einsum: the equation \"ab,cd\" is not of the form \"ab,bc->ac\"");
  EXPECT_EQ(message("ab,cd->ae"),
            "einsum: the equation \"ab,cd->ae\" has 'e' in its result, but in no operand");
  EXPECT_EQ(message("aa,cd->a"), "einsum: the equation \"aa,cd->a\" has 'a' twice in one operand");
  EXPECT_EQ(message("a?,cd->a"), "einsum: the equation \"a?,cd->a\" has '?', which is no letter");
}

}  // namespace
}  // namespace sinew::testing_ops
