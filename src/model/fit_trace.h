#pragma once

#include <string>
#include <vector>

#include "io/chrome_trace.h"
#include "runtime/executable.h"

namespace sinew::model {

/// What fit() did when, for `.profile`. Everything is kept in memory until write(), so the number
/// of steps is bounded: see FitArguments::profile. Without a path it records nothing and costs
/// nothing.
class FitTrace {
 public:
  using Clock = io::ChromeTrace::Clock;

  /// Throws FileError when such a file could not be written.
  explicit FitTrace(std::string path);

  /// Recorded from its making to its end.
  class Span {
   public:
    Span(FitTrace* trace, const char* name, std::int64_t number);
    ~Span();
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    FitTrace* trace_;
    const char* name_;
    std::int64_t number_;
    Clock::time_point begin_;
  };
  /// A part of a step or of what is between steps; nothing outside the steps that are recorded.
  /// `name` must outlive the span.
  [[nodiscard]] Span span(const char* name) { return {during_steps() ? this : nullptr, name, -1}; }
  /// An epoch or a part of one that comes a few times in it; nothing after kTracedEpochs of them.
  [[nodiscard]] Span rare(const char* name, std::int64_t number = -1);
  /// A step, whose kernel calls are to be timed by calls().
  [[nodiscard]] Span step() { return {during_steps() ? this : nullptr, "step", steps_}; }

  /// Room for the times of the next step's kernel calls, or none.
  std::span<runtime::CallTime> calls(const runtime::Program& program);
  /// Ends a step: the times that calls() gave room for are there.
  void end_step();
  /// Measures the machine's peaks, which shares need, and writes the file.
  void write();

 private:
  struct Calls {
    const runtime::Program* program;
    std::vector<runtime::CallTime> times;
  };
  bool on() const { return !path_.empty(); }
  bool during_steps() const;

  std::string path_;
  io::ChromeTrace trace_;
  std::vector<Calls> calls_;
  std::int64_t steps_ = 0;
  std::int64_t rare_ = 0;
};

}  // namespace sinew::model
