#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sinew/base/error.h"
#include "sinew/data/dataset.h"

namespace sinew::data {

using Numbers = std::vector<std::int64_t>;

inline Tensor row(const Numbers& numbers) {
  return Tensor::from(numbers, {static_cast<std::int64_t>(numbers.size())});
}

/// The first tensor of each element of what is left of a pass, one after the other.
inline std::vector<Numbers> rest_of(ElementStream& stream) {
  std::vector<Numbers> all;
  Element element;
  while (stream.next(element)) {
    const auto data = element[0].data<std::int64_t>();
    all.emplace_back(data.begin(), data.end());
  }
  EXPECT_FALSE(stream.next(element));
  return all;
}

inline std::vector<Numbers> elements_of(const Dataset& set, Pass pass = {}) {
  return rest_of(*set.open(pass));
}

/// Of elements that are scalars.
inline Numbers numbers_of(const Dataset& set, Pass pass = {}) {
  Numbers numbers;
  for (const Numbers& element : elements_of(set, pass))
    numbers.insert(numbers.end(), element.begin(), element.end());
  return numbers;
}

template <typename E, typename F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace sinew::data
