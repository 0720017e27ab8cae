using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Training;

/// <summary>Which images a command works on; written into the run's notes so that a resumed run finds the same ones.</summary>
internal sealed record DataRequest
{
    /// <summary>A folder or CSV manifest; null for the shapes data set.</summary>
    public string? Data { get; init; }

    /// <summary>Held-out images; null for a split of <see cref="Data"/>.</summary>
    public string? Validation { get; init; }

    /// <summary>Share of every class that is trained on where a split is made.</summary>
    public double TrainShare { get; init; } = 0.8;

    /// <summary>Seed of the split and of the shapes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Shapes to train on.</summary>
    public int Shapes { get; init; } = new ShapesOptions().TrainImages;

    /// <summary>Whether a manifest may name images outside its folder.</summary>
    public bool AllowOutside { get; init; }

    public string Name => Data is null ? "shapes" : Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Data));

    public (ImageDataset Train, ImageDataset Validation) Open(ILogger? logger = null)
    {
        if (Data is null)
        {
            DatasetSplit shapes = ShapesDataset.Create(new ShapesOptions { Seed = Seed, TrainImages = Shapes, ValidationImages = Math.Max(10, Shapes / 4) });
            return (shapes.Train, shapes.Validation);
        }
        DatasetSplit split = DatasetSplit.Open(Data, Validation, TrainShare, Seed, logger, AllowOutside);
        return (split.Train, split.Validation);
    }

    public void AddTo(ImmutableSortedDictionary<string, string>.Builder notes)
    {
        if (Data is not null) notes["data"] = Path.GetFullPath(Data);
        if (Validation is not null) notes["validation"] = Path.GetFullPath(Validation);
        notes["train_share"] = TrainShare.ToString("R", CultureInfo.InvariantCulture);
        notes["data_seed"] = Seed.ToString(CultureInfo.InvariantCulture);
        if (AllowOutside) notes["allow_outside"] = "true";
        notes["shapes"] = Shapes.ToString(CultureInfo.InvariantCulture);
    }

    public static DataRequest FromNotes(ImmutableSortedDictionary<string, string> notes) => new()
    {
        Data = notes.GetValueOrDefault("data"),
        Validation = notes.GetValueOrDefault("validation"),
        TrainShare = double.Parse(notes.GetValueOrDefault("train_share", "0.8"), CultureInfo.InvariantCulture),
        Seed = ulong.Parse(notes.GetValueOrDefault("data_seed", "1"), CultureInfo.InvariantCulture),
        AllowOutside = notes.ContainsKey("allow_outside"),
        Shapes = int.Parse(notes.GetValueOrDefault("shapes", "0"), CultureInfo.InvariantCulture),
    };
}
