using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace IlgpuSpp.Training;

/// <summary>What a run was started with: <c>config.json</c> of its folder.</summary>
public sealed record RunConfiguration
{
    /// <summary>The version of the file that this program writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the file.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>How the network is trained.</summary>
    public required TrainerOptions Options { get; init; }

    /// <summary>The network.</summary>
    public required ModelDescription Model { get; init; }

    /// <summary>The data.</summary>
    public required DataDescription Data { get; init; }

    /// <summary>Whether the device gives the same bits on every processor: <see cref="Backend.DeterministicExact"/>. A run keeps it.</summary>
    public bool DeterministicExact { get; init; }

    /// <summary>What the caller wants to find again, such as the command line; see <see cref="Trainer.Notes"/>.</summary>
    public ImmutableSortedDictionary<string, string> Notes { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Reads the configuration of a run.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <exception cref="RunFolderException">There is no run in that folder, or its configuration cannot be read.</exception>
    public static RunConfiguration Load(string runFolder) => new RunFolder(runFolder).ReadConfiguration();
}

/// <summary>The data that a run was started with, as far as it can be told apart from other data.</summary>
/// <param name="Train">Name of the training data set.</param>
/// <param name="TrainImages">Number of training images.</param>
/// <param name="Validation">Name of the validation data set.</param>
/// <param name="ValidationImages">Number of validation images.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Fingerprint">SHA-256 of the classes and of the names and labels of all samples in order, hexadecimal.</param>
public sealed record DataDescription(string Train, int TrainImages, string Validation, int ValidationImages, int Classes, string Fingerprint)
{
    /// <summary>Describes data.</summary>
    /// <param name="train">The training images.</param>
    /// <param name="validation">The validation images.</param>
    public static DataDescription Of(ImageDataset train, ImageDataset validation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in train.ClassNames) hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
        foreach (ImageDataset part in (ReadOnlySpan<ImageDataset>)[train, validation])
        {
            foreach (ImageSample sample in part.Samples)
                hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{sample.Label} {sample.Name}\n")));
            hash.AppendData("\n"u8);
        }
        return new DataDescription(train.Name, train.Count, validation.Name, validation.Count, train.ClassNames.Count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
