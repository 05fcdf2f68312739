#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/backend.h"
#include "sinew/graph/variable.h"

namespace sinew::runtime {

/// Where an operand of a step lives.
enum class Place { Arena, Input, Constant, Variable };

struct Operand {
  TensorType type;
  Place place = Place::Arena;
  /// Arena: byte offset. Input, Constant, Variable: index.
  std::int64_t position = 0;
  std::int64_t bytes = 0;
};

/// One kernel call, as data.
struct Step {
  std::string kernel;
  /// Which of the backend's kernels of that name; empty where there is one only.
  std::string implementation = {};
  Attributes attributes = {};
  std::vector<Operand> inputs = {};
  std::vector<Operand> outputs = {};
  /// Arena offset and size of the kernel's scratch memory.
  std::int64_t scratch = 0;
  std::int64_t scratch_bytes = 0;
  /// See Kernel::packed_bytes.
  std::int64_t packed_bytes = 0;
  double flops = 0;
  /// What one run must read and write, each operand once.
  double bytes = 0;
  std::string scope = {};

  /// "matmul/sharded", or the kernel alone where there is no choice.
  std::string name() const {
    return implementation.empty() ? kernel : kernel + "/" + implementation;
  }
};

/// A compiled step as data: it can be printed, profiled and saved.
struct Program {
  struct Binding {
    std::string name;
    Operand operand;
  };
  std::vector<Step> steps;
  std::vector<Binding> inputs;
  std::vector<Binding> outputs;
  std::vector<Tensor> constants;
  std::vector<std::shared_ptr<Variable>> variables;
  std::int64_t arena_bytes = 0;

  /// One line a step, then the memory plan.
  std::string str() const;
  double flops() const;
  /// Of the variables it reads and updates.
  std::int64_t variable_bytes() const;
};

/// When one kernel call of a run began and ended.
struct CallTime {
  std::chrono::steady_clock::time_point begin;
  std::chrono::steady_clock::time_point end;
};

/// A program with its kernels and its arena, ready to run.
class Executable {
 public:
  Executable(Program program, std::vector<std::unique_ptr<Kernel>> kernels);
  ~Executable();

  /// Runs the program once: reads `inputs` (in the order of program().inputs, row-major, of those
  /// types), updates variables, fills output(). Allocates nothing. Throws ShapeError or DTypeError
  /// naming the input that does not fit. `times`, one a step, are filled in when given; without
  /// them no clock is read.
  void run(std::span<const Tensor> inputs, std::span<CallTime> times = {});
  /// An output of the last run, as a view of the arena: valid until the next run. `index` is into
  /// program().outputs.
  const Tensor& output(std::size_t index) const { return outputs_[index]; }
  /// Index of the output or input of a name; throws InternalError when there is none.
  std::size_t output_index(const std::string& name) const;
  std::size_t input_index(const std::string& name) const;
  const Program& program() const { return program_; }

 private:
  struct Call;

  /// What keeps variables and their other layouts the same: what the steps read must be up to date
  /// before them; a run that fails half-way leaves the layouts to be made anew.
  void begin_updates();
  void end_updates();
  /// Checks an input and gives the address kernels may read it at.
  const void* take_input(std::size_t index, const Tensor& tensor);
  void call(std::size_t step);

  Program program_;
  std::vector<std::unique_ptr<Kernel>> kernels_;
  std::shared_ptr<void> arena_;
  std::vector<Call> calls_;
  std::vector<Tensor> outputs_;
  /// The variables that lay out others, and those of all variables that steps write.
  std::vector<Variable*> laid_out_, written_;
  std::vector<const void*> input_data_;
  /// Copies of inputs that do not fill vectors: of those that never do, and of those that were
  /// given unaligned, made at the first such run.
  std::vector<Tensor> staging_;
};

}  // namespace sinew::runtime
