#pragma once

#include <string>
#include <vector>

namespace sinew {

/// What the processor can do, measured by running it for about a tenth of a second each.
struct MachinePeak {
  /// Float32 operations a second of fused multiply-adds on registers, all threads (a multiply-add
  /// counts as two).
  double fma_flops = 0;
  /// Bytes a second of a triad a = b + s c over arrays larger than the caches (McCalpin's STREAM),
  /// all threads.
  double bandwidth = 0;
};
MachinePeak measure_machine();
/// The first of the two alone, for a caller that measures it again and again.
double measure_fma_flops();

/// What the library runs on.
struct MachineInfo {
  std::string processor;
  int cores = 0;
  /// The instruction set that kernels use here ("AVX3" is AVX-512), and those compiled in.
  std::string target;
  std::vector<std::string> targets;
  /// Whether the processor multiplies bfloat16 (AVX512-BF16, AMX).
  bool bfloat16 = false;
  /// Name and version of the libraries that compute.
  std::vector<std::string> libraries;
};

/// The tuning table, which says what kernels compute here: "default (no table at FILE)", or its
/// file, the number of its choices for this machine and their identity. Throws FileError when the
/// file is malformed.
std::string tuning_info();
MachineInfo machine_info();

}  // namespace sinew
