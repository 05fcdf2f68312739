#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/position.h"
#include "sinew/model/arguments.h"

namespace sinew::callbacks {
class BackupAndRestore;
}

namespace sinew::model {

struct State;

/// The files that a training writes its checkpoints to and goes on from: fit()'s `checkpoint` and
/// `resume`, and the folders of BackupAndRestore callbacks.
class Checkpoints {
 public:
  /// Of the arguments' life.
  explicit Checkpoints(const FitArguments& arguments);

  /// A point between two steps.
  struct Moment {
    /// Of all the training.
    std::int64_t steps = 0;
    /// After the epoch's last step, its validation and the callbacks' hooks.
    bool epoch_ended = false;
    /// A callback ended the training in mid-epoch.
    bool stopped = false;
  };

  /// Makes the backups' folders. Throws ValueError when no file can hold the model, FileError when
  /// one cannot be written.
  void check(const State& state) const;
  /// Takes the newest backup, or what `resume` names, into the model; nothing when there is
  /// neither. `accept` gets the position and the file's path, and throws when it is not this
  /// training's: then the model is as it was.
  std::optional<Position> resume(
      State& state,
      const std::function<void(const Position&, const std::string& path)>& accept) const;
  bool due(const Moment& moment) const;
  void write(const State& state, const Position& position, const Moment& moment) const;
  /// The training has come to its end.
  void remove_backups() const;

 private:
  struct File {
    std::string path;
    /// 0: at the end of each epoch.
    std::int64_t every = 0;
    /// Null for fit()'s `checkpoint`.
    const callbacks::BackupAndRestore* backup = nullptr;

    bool due(const Moment& moment) const;
  };

  const std::string& resume_;
  std::vector<File> files_;
};

}  // namespace sinew::model
