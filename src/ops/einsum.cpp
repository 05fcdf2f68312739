#include "sinew/ops/einsum.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sinew/base/error.h"
#include "sinew/ops/array.h"
#include "sinew/ops/matmul.h"
#include "sinew/ops/reduce.h"

namespace sinew::ops {
namespace {

/// The letters of operands and result; an axis under "..." has a letter of its own, from '0' on.
struct Letters {
  std::string a;
  std::string b;
  std::string result;
};

bool has(const std::string& letters, char letter) {
  return letters.find(letter) != std::string::npos;
}

class Parser {
 public:
  Parser(const std::string& equation, const Shape& a, const Shape& b) : equation_(equation) {
    const std::size_t comma = equation.find(','), arrow = equation.find("->");
    if (comma == std::string::npos || arrow == std::string::npos || arrow < comma)
      fail("is not of the form \"ab,bc->ac\"");
    letters_.a = expand(equation.substr(0, comma), a.rank(), a);
    letters_.b = expand(equation.substr(comma + 1, arrow - comma - 1), b.rank(), b);
    letters_.result = expand(equation.substr(arrow + 2), -1, a);
    for (char letter : letters_.result) {
      if (!has(letters_.a, letter) && !has(letters_.b, letter))
        fail(fmt::format("has '{}' in its result, but in no operand", letter));
    }
  }
  const Letters& letters() const { return letters_; }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ValueError(fmt::format("einsum: the equation \"{}\" {}", equation_, what));
  }

  /// `rank` is -1 for the result, where "..." stands for what it does in the operands.
  std::string expand(std::string term, int rank, const Shape& shape) {
    const std::size_t dots = term.find("...");
    const int named = static_cast<int>(term.size()) - (dots == std::string::npos ? 0 : 3);
    if (rank >= 0 && (dots == std::string::npos ? rank != named : rank < named)) {
      throw ShapeError(fmt::format("einsum \"{}\": \"{}\" does not name the axes of {}", equation_,
                                   term, shape.str()));
    }
    if (dots != std::string::npos) {
      if (rank >= 0) elided_ = rank - named;
      std::string letters;
      for (int i = 0; i < elided_; ++i) letters += static_cast<char>('0' + i);
      term.replace(dots, 3, letters);
    }
    for (std::size_t i = 0; i < term.size(); ++i) {
      const bool letter = std::isalnum(static_cast<unsigned char>(term[i])) != 0;
      if (!letter) fail(fmt::format("has '{}', which is no letter", term[i]));
      if (term.find(term[i], i + 1) != std::string::npos)
        fail(fmt::format("has '{}' twice in one operand", term[i]));
    }
    return term;
  }

  std::string equation_;
  int elided_ = 0;
  Letters letters_;
};

/// An operand and the letters of its axes.
struct Operand {
  Value value;
  std::string letters;

  void sum_over(const std::string& unwanted) {
    if (unwanted.empty()) return;
    std::vector<int> axes;
    for (char letter : unwanted) axes.push_back(static_cast<int>(letters.find(letter)));
    value = sum(value, axes);
    for (char letter : unwanted) letters.erase(letters.find(letter), 1);
  }

  void order(const std::string& wanted) {
    if (letters == wanted) return;
    std::vector<int> permutation;
    for (char letter : wanted) permutation.push_back(static_cast<int>(letters.find(letter)));
    value = transpose(value, permutation);
    letters = wanted;
  }
};

}  // namespace

Value einsum(const std::string& equation, Value a, Value b) {
  const Letters letters = Parser(equation, a.shape(), b.shape()).letters();
  std::map<char, std::int64_t> extents;
  for (const auto& [term, shape] : {std::pair{letters.a, a.shape()}, {letters.b, b.shape()}}) {
    for (std::size_t i = 0; i < term.size(); ++i) {
      const std::int64_t extent = shape[static_cast<int>(i)];
      if (extents.emplace(term[i], extent).first->second != extent) {
        throw ShapeError(fmt::format(
            "einsum \"{}\": operands {} and {} have '{}' of extents {} and {}", equation,
            a.shape().str(), b.shape().str(), term[i], extents[term[i]], extent));
      }
    }
  }

  // Letters of both operands are the batch of a matrix product or what it adds over; letters of one
  // are its rows or columns.
  std::string batch, summed, rows, columns, only_a, only_b;
  for (char letter : letters.a) {
    const bool kept = has(letters.result, letter);
    if (has(letters.b, letter)) {
      (kept ? batch : summed) += letter;
    } else {
      (kept ? rows : only_a) += letter;
    }
  }
  for (char letter : letters.b) {
    if (!has(letters.a, letter)) (has(letters.result, letter) ? columns : only_b) += letter;
  }
  Operand left{a, letters.a}, right{b, letters.b};
  left.sum_over(only_a);
  right.sum_over(only_b);
  const bool transpose_a = left.letters == batch + summed + rows && !rows.empty();
  const bool transpose_b = right.letters == batch + columns + summed && !columns.empty();
  if (!transpose_a) left.order(batch + rows + summed);
  if (!transpose_b) right.order(batch + summed + columns);

  const auto product_of = [&](const std::string& group) {
    std::int64_t product = 1;
    for (char letter : group) product *= extents[letter];
    return product;
  };
  const std::int64_t n = product_of(batch), m = product_of(rows), k = product_of(summed),
                     o = product_of(columns);
  const auto matrices = [&](Value x, std::int64_t first, std::int64_t second) {
    return reshape(x, batch.empty() ? Shape{first, second} : Shape{n, first, second});
  };
  Operand result{matmul(transpose_a ? matrices(left.value, k, m) : matrices(left.value, m, k),
                        transpose_b ? matrices(right.value, o, k) : matrices(right.value, k, o),
                        {.transpose_a = transpose_a, .transpose_b = transpose_b}),
                 batch + rows + columns};
  std::vector<std::int64_t> dims;
  for (char letter : result.letters) dims.push_back(extents[letter]);
  result.value = reshape(result.value, Shape(std::move(dims)));
  result.order(letters.result);
  return result.value;
}

}  // namespace sinew::ops
