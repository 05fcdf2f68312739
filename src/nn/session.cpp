#include "sinew/nn/session.h"

#include <map>
#include <mutex>

namespace sinew {
namespace {

/// Models may be declared on several threads.
struct Session {
  std::mutex mutex;
  std::uint64_t seed = 0;
  std::uint64_t layers = 0;
  std::map<std::string, std::int64_t> names;
};

Session& session() {
  static Session instance;
  return instance;
}

}  // namespace

void set_random_seed(std::uint64_t seed) {
  const std::lock_guard lock(session().mutex);
  session().seed = seed;
  session().layers = 0;
}

std::uint64_t random_seed() {
  const std::lock_guard lock(session().mutex);
  return session().seed;
}

void clear_session() {
  const std::lock_guard lock(session().mutex);
  session().names.clear();
}

std::string unique_name(const std::string& base) {
  const std::lock_guard lock(session().mutex);
  const std::int64_t earlier = session().names[base]++;
  return earlier == 0 ? base : base + "_" + std::to_string(earlier);
}

std::uint64_t next_layer_number() {
  const std::lock_guard lock(session().mutex);
  return session().layers++;
}

}  // namespace sinew
