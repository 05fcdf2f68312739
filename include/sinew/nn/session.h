#pragma once

#include <cstdint>
#include <string>

/// The process-wide state of declaring models: the seed, and the counters that name layers and tell
/// their random numbers apart.
namespace sinew {

/// Keras's keras.utils.set_random_seed: layers made from now on draw their weights from this seed,
/// in the order in which they are made; models that are compiled from now on drop out by it, and so
/// does fit(), which also shuffles by it, unless it is given a seed of its own. The seed is 0 until
/// set, so that a program that never sets one still gives the same result every time.
void set_random_seed(std::uint64_t seed);
std::uint64_t random_seed();

/// Keras's keras.utils.clear_session: layer names are counted from the start again ("dense",
/// "dense_1", …).
void clear_session();

/// "dense", then "dense_1", "dense_2", …: Keras's names of layers that were given none.
std::string unique_name(const std::string& base);

/// The number of the next layer since the seed was set; keys the random numbers of its weights.
std::uint64_t next_layer_number();

}  // namespace sinew
