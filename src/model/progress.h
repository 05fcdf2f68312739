#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "sinew/model/logs.h"

namespace sinew::model {

/// Keras's progress bar: steps, time, time a step, running results. It is redrawn on a terminal
/// only, within its width; elsewhere, and with verbose 2, each epoch gives one line, without
/// colours or control characters. Drawing allocates nothing.
class Progress {
 public:
  /// `verbose` as in FitArguments.
  Progress(int verbose, std::FILE* output);

  /// A line of its own, unless verbose is 0.
  void note(const std::string& line);
  void begin_epoch(int epoch, int epochs);
  /// Of data that end when they end.
  static constexpr std::int64_t kUnknownSteps = -1;
  /// Begins to count `steps` steps, the first `done` of which were done by an earlier run.
  void begin_steps(std::int64_t steps, std::int64_t done = 0);
  /// Draws at most some twenty times a second.
  void step(std::int64_t done, const Logs& logs);
  /// Ends the line with the final results.
  void end(const Logs& logs);

 private:
  double seconds() const;
  void draw(std::int64_t done, const Logs& logs, bool final);

  int verbose_;
  bool live_;
  std::FILE* output_;
  int epoch_ = 0;
  int epochs_ = 0;
  std::int64_t steps_ = 0;
  std::int64_t first_ = 0;
  std::int64_t done_ = 0;
  std::chrono::steady_clock::time_point begin_;
  double drawn_ = 0;
};

}  // namespace sinew::model
