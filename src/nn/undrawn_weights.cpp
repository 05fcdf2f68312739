#include "nn/undrawn_weights.h"

namespace sinew {
namespace {

thread_local bool current = false;

}  // namespace

UndrawnWeights::UndrawnWeights() : outer_(current) { current = true; }

UndrawnWeights::~UndrawnWeights() { current = outer_; }

bool UndrawnWeights::wanted() { return current; }

}  // namespace sinew
