#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/executable.h"

/// Which of several kernels computes an op: measured once, on purpose, by `sinew bench --tune`, and
/// kept in a file. Nothing is timed while a model trains, since another kernel gives other bits.
namespace sinew::runtime {

/// Choices for kinds of requests, by machine, as `sinew bench --tune` writes them:
///
///   {"format": "sinew-tuning-1",
///    "machines": {"AVX3_ZEN4, oneDNN 2.6.3, Highway 1.0.3": {
///      "matmul float32(32, 2048), float32(2048, 128) -> float32(32, 128)":
///        {"implementation": "onednn", "microseconds": {"onednn": 31.5, "sharded": 40.2}}}}}
///
/// A machine is an instruction set with the versions of the libraries that compute: what was
/// fastest on one says little of another.
class TuningTable {
 public:
  struct Choice {
    std::string implementation;
    /// What was measured, for the reader's information.
    std::map<std::string, double> microseconds = {};
  };

  /// Throws FileError naming the file and the entry that is not as above.
  static TuningTable parse(const std::string& text, const std::string& path);
  std::string str() const;

  const Choice* find(const std::string& machine, const std::string& request) const;
  void set(const std::string& machine, const std::string& request, Choice choice);
  std::size_t size(const std::string& machine) const;
  /// Names the choices for a machine, whatever was measured: equal tables have equal identities.
  /// "default" when there are none.
  std::string identity(const std::string& machine) const;

 private:
  std::map<std::string, std::map<std::string, Choice>> machines_;
};

/// Where the table is: $SINEW_TUNING, or sinew/tuning.json in $XDG_CONFIG_HOME or ~/.config. Empty
/// when SINEW_TUNING is "none", or there is no home.
std::string tuning_path();

/// The table of this process, read from tuning_path() when first asked for; empty when there is no
/// such file. Throws FileError when the file is malformed, or SINEW_TUNING names one that is not
/// there.
const TuningTable& tuning_table();

/// What a step's kernel was made from.
KernelRequest request_of(const Step& step);

/// The kind of a request: op, attributes and operands, extents above 16 rounded up to powers of
/// two, so that batches of nearly the same size are one kind.
std::string request_kind(const KernelRequest& request);

}  // namespace sinew::runtime
