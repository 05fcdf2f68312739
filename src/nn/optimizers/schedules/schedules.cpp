#include "sinew/nn/optimizers/schedules.h"

#include <fmt/format.h>

#include <map>
#include <numbers>

#include "nn/optimizers/schedules/schedule_support.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

struct Entry {
  std::string class_name;
  RegisterSchedule::Factory factory;
};

/// Keys are Identifier::key() of class names.
std::map<std::string, Entry>& entries() {
  static std::map<std::string, Entry> table;
  return table;
}

}  // namespace

double LearningRateSchedule::at(std::int64_t step) const {
  Graph graph;
  return eval((*this)(graph.constant(Tensor::scalar(static_cast<double>(step))))).at(0);
}

std::string LearningRateSchedule::identifier() const {
  return Identifier{class_name(), config()}.str();
}

RegisterSchedule::RegisterSchedule(const std::string& class_name, Factory factory) {
  entries()[Identifier{class_name}.key()] = {class_name, std::move(factory)};
}

SchedulePtr make_schedule(const std::string& class_name, const Attributes& config) {
  const auto entry = entries().find(Identifier{class_name}.key());
  if (entry == entries().end()) {
    std::vector<std::string> names;
    for (const auto& [key, known] : entries()) names.push_back(known.class_name);
    throw ValueError(unknown_name_message("learning rate schedule", class_name, names));
  }
  ConfigReader reader("schedule " + entry->second.class_name, config);
  return entry->second.factory(reader);
}

std::vector<Signature> schedule_signatures() {
  std::vector<Signature> signatures;
  for (const auto& [key, entry] : entries()) {
    signatures.push_back({.class_name = entry.class_name,
                          .arguments = arguments_of(
                              [&make = entry.factory](ConfigReader& lister) { make(lister); })});
  }
  return signatures;
}

SchedulePtr::SchedulePtr(const std::string& text) {
  const Identifier identifier = Identifier::parse(text, "learning rate schedule");
  *this = make_schedule(identifier.name, identifier.arguments);
}

void expect_positive_steps(const LearningRateSchedule& schedule, const char* option,
                           std::int64_t steps) {
  if (steps > 0) return;
  throw ValueError(fmt::format("schedule {}: {} is {}; it must be positive", schedule.class_name(),
                               option, steps));
}

Value half_cosine(Value fraction) { return 0.5 * (1.0 + ops::cos(fraction * std::numbers::pi)); }

}  // namespace sinew
