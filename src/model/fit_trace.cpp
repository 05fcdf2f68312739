#include "model/fit_trace.h"

#include <fmt/format.h>

#include "runtime/profile.h"
#include "sinew/io/file.h"
#include "sinew/model/arguments.h"
#include "sinew/runtime/machine.h"

namespace sinew::model {

FitTrace::FitTrace(std::string path) : path_(std::move(path)), trace_("sinew fit") {
  if (on()) io::check_writable(path_);
}

FitTrace::Span::Span(FitTrace* trace, const char* name, std::int64_t number)
    : trace_(trace), name_(name), number_(number) {
  if (trace_) begin_ = Clock::now();
}

FitTrace::Span::~Span() {
  if (!trace_) return;
  const std::string name = number_ < 0 ? name_ : fmt::format("{} {}", name_, number_);
  trace_->trace_.add({name, "fit", begin_, Clock::now()});
}

bool FitTrace::during_steps() const {
  return on() && steps_ >= kWarmUpSteps && steps_ < kWarmUpSteps + kTracedSteps;
}

FitTrace::Span FitTrace::rare(const char* name, std::int64_t number) {
  return {on() && rare_++ < kTracedEpochs ? this : nullptr, name, number};
}

std::span<runtime::CallTime> FitTrace::calls(const runtime::Program& program) {
  if (!during_steps()) return {};
  calls_.push_back({&program, std::vector<runtime::CallTime>(program.steps.size())});
  return calls_.back().times;
}

void FitTrace::end_step() {
  if (on()) ++steps_;
}

void FitTrace::write() {
  if (!on()) return;
  const MachinePeak peak = measure_machine();
  for (const Calls& calls : calls_) runtime::add_calls(trace_, *calls.program, calls.times, peak);
  trace_.write(path_);
}

}  // namespace sinew::model
