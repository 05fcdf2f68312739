#include <fmt/format.h>

#include "data/dataset/node.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

/// Steele et al. 2014, "Fast splittable pseudorandom number generators": the finaliser of
/// SplitMix64.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

template <typename E>
[[noreturn]] void again(std::int64_t number, const E& error) {
  throw E(fmt::format("element {}: {}", number, error.what()));
}

}  // namespace

std::int64_t ElementStream::skip(std::int64_t count) {
  Element element;
  std::int64_t skipped = 0;
  while (skipped < count && next(element)) ++skipped;
  return skipped;
}

PhiloxStream random_of(Pass pass, std::uint64_t use, std::uint64_t index) {
  return {mixed(pass.seed ^ mixed(use)), mixed(pass.epoch ^ mixed(index))};
}

void expect_at_least(const char* what, const char* argument, std::int64_t value,
                     std::int64_t least) {
  if (value < least) {
    throw ValueError(
        fmt::format("Dataset::{}: {} is {}; it must be at least {}", what, argument, value, least));
  }
}

void rethrow_with_number(std::int64_t number) {
  try {
    throw;
  } catch (const ShapeError& error) {
    again(number, error);
  } catch (const DTypeError& error) {
    again(number, error);
  } catch (const ValueError& error) {
    again(number, error);
  } catch (const FileError& error) {
    again(number, error);
  }
}

std::optional<std::int64_t> Dataset::size() const { return node_->size(); }

std::unique_ptr<ElementStream> Dataset::open(Pass pass) const { return node_->open(pass); }

}  // namespace sinew::data
