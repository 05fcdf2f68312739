#include "nn/weight_limit.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew {
namespace {

thread_local WeightLimit* current = nullptr;

}  // namespace

WeightLimit::WeightLimit(std::int64_t elements) : outer_(current), left_(elements) {
  current = this;
}

WeightLimit::~WeightLimit() { current = outer_; }

void WeightLimit::charge(std::int64_t elements) {
  if (!current) return;
  if (elements > current->left_) {
    throw FileError(fmt::format(
        "a weight of {} elements is needed, but the file has only {} left: is it damaged?",
        elements, current->left_));
  }
  current->left_ -= elements;
}

void WeightLimit::charge_state(std::int64_t elements) {
  if (!current) return;
  if (elements > current->states_left_) {
    throw FileError(fmt::format(
        "states of {} elements are needed, but a model from a file may have {} in all: is its "
        "batch size damaged?",
        elements, kMostStates));
  }
  current->states_left_ -= elements;
}

}  // namespace sinew
