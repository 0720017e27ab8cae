using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Labelled images over an <see cref="IImageSource"/>. Immutable and thread-safe; subsets share the source.
/// </summary>
public sealed class ImageDataset
{
    private readonly ImageSample[] _samples;

    /// <summary>Creates a data set.</summary>
    /// <param name="name">A name for messages: the folder, the manifest, or what was generated.</param>
    /// <param name="classNames">The classes; a label is an index into this list.</param>
    /// <param name="source">Where the images come from.</param>
    /// <param name="samples">The samples, in the order in which they are numbered.</param>
    /// <exception cref="ArgumentException">A sample's label or source index does not exist.</exception>
    /// <exception cref="DatasetException">The name of a class has a line break or another control character.</exception>
    public ImageDataset(string name, IReadOnlyList<string> classNames, IImageSource source, IEnumerable<ImageSample> samples)
    {
        Name = name;
        ClassNames = classNames;
        Source = source;
        _samples = [.. samples];
        if (classNames.FirstOrDefault(c => c.Any(char.IsControl)) is { } unprintable)
            throw new DatasetException(name, $"has the class '{AnnotationValues.Shown(unprintable)}', whose name holds a line break or another control character; rename it.");
        foreach (ImageSample sample in _samples)
        {
            if ((uint)sample.Label >= (uint)classNames.Count)
                throw new ArgumentException($"The sample {sample.Name} has the label {sample.Label}, but there are {classNames.Count} classes.", nameof(samples));
            if ((uint)sample.SourceIndex >= (uint)source.Count)
                throw new ArgumentException($"The sample {sample.Name} is number {sample.SourceIndex} of a source of {source.Count} images.", nameof(samples));
        }
    }

    /// <summary>A name for messages.</summary>
    public string Name { get; }

    /// <summary>The classes; a label is an index into this list.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Where the images come from.</summary>
    public IImageSource Source { get; }

    /// <summary>The samples.</summary>
    public IReadOnlyList<ImageSample> Samples => _samples;

    /// <summary>Number of samples.</summary>
    public int Count => _samples.Length;

    /// <summary>Whether the data set itself says, for at least one sample, which part it belongs to.</summary>
    public bool HasExplicitParts => Array.Exists(_samples, s => s.Part != DatasetPart.Unassigned);

    /// <summary>Opens a folder of class folders (<see cref="ImageFolder"/>) or a CSV manifest (<see cref="CsvManifest"/>); either may lie in a <c>.zip</c> or <c>.tar</c> archive.</summary>
    /// <param name="path">The folder, the archive of one, or the manifest.</param>
    /// <param name="logger">Is told what is left out.</param>
    /// <param name="allowOutside">Whether a manifest may name images outside its folder.</param>
    /// <exception cref="DatasetException">The data cannot be used; the message says why.</exception>
    public static ImageDataset Open(string path, ILogger? logger = null, bool allowOutside = false) => OpenPlace(path, minimumClasses: 2, logger, allowOutside);

    /// <summary>Opens a folder or a manifest whose samples are numbered with the classes of another data set.</summary>
    /// <param name="other">The data set whose classes count, usually the training set.</param>
    /// <param name="path">The folder or the manifest.</param>
    /// <param name="logger">Is told what is left out.</param>
    /// <param name="allowOutside">Whether a manifest may name images outside its folder.</param>
    /// <exception cref="DatasetException">The data cannot be used, or it has a class that the other lacks.</exception>
    public static ImageDataset OpenLike(ImageDataset other, string path, ILogger? logger = null, bool allowOutside = false) => OpenWithClasses(path, other.ClassNames, logger, allowOutside);

    /// <summary>Opens a folder or a manifest whose samples are numbered with given classes, as a trained model has them.</summary>
    /// <param name="path">The folder or the manifest.</param>
    /// <param name="classNames">The classes.</param>
    /// <param name="logger">Is told what is left out.</param>
    /// <param name="allowOutside">Whether a manifest may name images outside its folder.</param>
    /// <exception cref="DatasetException">The data cannot be used, or it has a class that the list lacks.</exception>
    public static ImageDataset OpenWithClasses(string path, IReadOnlyList<string> classNames, ILogger? logger = null, bool allowOutside = false) =>
        OpenPlace(path, minimumClasses: 1, logger, allowOutside).WithClasses(classNames);

    /// <summary>Reads or draws the image of a sample.</summary>
    /// <param name="index">The sample, from 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="DataFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    public RgbImage Load(int index) => Source.Load(_samples[index].SourceIndex);

    /// <summary>The same as it is prepared: where the preparation allows it, at a part of its size.</summary>
    /// <param name="index">The sample, from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="preparation">What will be done to it.</param>
    internal RgbImage Load(int index, InputPreparation preparation) => Source.LoadReduced(_samples[index].SourceIndex, preparation.LeastDecodedSide);

    /// <summary>Number of samples of every class.</summary>
    public int[] CountPerClass()
    {
        int[] counts = new int[ClassNames.Count];
        foreach (ImageSample sample in _samples) counts[sample.Label]++;
        return counts;
    }

    /// <summary>Some of the samples, renumbered from 0 in the order given.</summary>
    /// <param name="indices">Sample numbers of this data set.</param>
    public ImageDataset Subset(IEnumerable<int> indices) => new(Name, ClassNames, Source, indices.Select(i => _samples[i]));

    /// <summary>The samples that the data set itself puts into any of some parts.</summary>
    /// <param name="parts">The parts wanted.</param>
    public ImageDataset Part(params DatasetPart[] parts) => new(Name, ClassNames, Source, _samples.Where(s => parts.Contains(s.Part)));

    /// <summary>The same samples under another list of classes, matched by name.</summary>
    /// <param name="classNames">The classes; every class of this data set that has samples must be among them.</param>
    /// <exception cref="DatasetException">A class is not in the list.</exception>
    public ImageDataset WithClasses(IReadOnlyList<string> classNames)
    {
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < classNames.Count; i++) labels[classNames[i]] = i;

        int[] map = [.. ClassNames.Select(name => labels.GetValueOrDefault(name, -1))];
        int unknown = Array.FindIndex(_samples, s => map[s.Label] < 0);
        if (unknown >= 0)
            throw new DatasetException(Name, $"the class '{ClassNames[_samples[unknown].Label]}' is not one of the {classNames.Count} known classes ({Shortened(classNames)}); rename or remove it.");
        return new ImageDataset(Name, classNames, Source, _samples.Select(s => s with { Label = map[s.Label] }));
    }

    /// <summary>
    /// Splits the samples. Where the data set itself says which part samples belong to, that is followed: train samples
    /// train, validation samples validate, test samples stay apart; and where it marks no validation samples, the samples
    /// left for training are split by the seed. The seeded split takes the share from every class, by a shuffle of the
    /// class's names in ordinal order, so it depends on the names and the seed alone. Every class keeps at least one sample
    /// to train on and, where it has two or more, one to validate on.
    /// </summary>
    /// <param name="trainShare">Share of each class to train on, above 0 and below 1.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <exception cref="DatasetException">The explicit parts leave no training samples.</exception>
    public DatasetSplit Split(double trainShare, ulong seed)
    {
        if (!(trainShare > 0 && trainShare < 1))
            throw new ArgumentOutOfRangeException(nameof(trainShare), trainShare, "The share to train on must be above 0 and below 1.");
        if (!HasExplicitParts) return SeededSplit(trainShare, seed);

        ImageDataset test = Part(DatasetPart.Test);
        ImageDataset validation = Part(DatasetPart.Validation);
        ImageDataset train = Part(DatasetPart.Train, DatasetPart.Unassigned);
        if (train.Count == 0) throw new DatasetException(Name, "no sample is marked for training; mark some as 'train'.");

        DatasetSplit split = validation.Count > 0 ? new DatasetSplit(train, validation) : train.SeededSplit(trainShare, seed);
        return test.Count > 0 ? split with { Test = test } : split;
    }

    private DatasetSplit SeededSplit(double trainShare, ulong seed)
    {
        var train = new List<int>();
        var validation = new List<int>();
        for (int label = 0; label < ClassNames.Count; label++)
        {
            int[] members = [.. Enumerable.Range(0, Count).Where(i => _samples[i].Label == label)];
            Array.Sort(members, (a, b) => string.CompareOrdinal(_samples[a].Name, _samples[b].Name));
            if (members.Length == 0) continue;

            new RandomStream(new RandomKey(seed, DataStreams.Split, (uint)label)).Shuffle<int>(members);
            int share = (int)Math.Round(trainShare * members.Length, MidpointRounding.AwayFromZero);
            int kept = members.Length == 1 ? 1 : Math.Clamp(share, 1, members.Length - 1);
            train.AddRange(members.Take(kept));
            validation.AddRange(members.Skip(kept));
        }
        train.Sort(ByLabelAndName);
        validation.Sort(ByLabelAndName);
        return new DatasetSplit(Subset(train), Subset(validation));
    }

    private int ByLabelAndName(int a, int b)
    {
        int order = _samples[a].Label.CompareTo(_samples[b].Label);
        return order != 0 ? order : string.CompareOrdinal(_samples[a].Name, _samples[b].Name);
    }

    private static ImageDataset OpenPlace(string path, int minimumClasses, ILogger? logger, bool allowOutside)
    {
        DataFiles.RefuseOtherArchives(path);
        var files = new DataFiles(logger);
        bool isManifest = !files.HasFolder(path) && (files.HasFile(path) || path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));
        return isManifest ? CsvManifest.Read(files, path, minimumClasses, null, allowOutside) : ImageFolder.Read(files, path, minimumClasses, null, logger);
    }

    private static string Shortened(IReadOnlyList<string> names) =>
        names.Count <= 6 ? string.Join(", ", names) : string.Join(", ", names.Take(5)) + ", ...";
}

/// <summary>One labelled image of a data set.</summary>
/// <param name="Name">The image's name in its source: a path relative to the data set, or a generated name.</param>
/// <param name="Label">Its class, an index into <see cref="ImageDataset.ClassNames"/>.</param>
/// <param name="SourceIndex">Its index in the source.</param>
/// <param name="Part">The part it was explicitly put into.</param>
public sealed record ImageSample(string Name, int Label, int SourceIndex, DatasetPart Part = DatasetPart.Unassigned);

/// <summary>The part of a data set that a sample was put into by those who made the data set.</summary>
public enum DatasetPart
{
    /// <summary>Nobody said; a seeded split decides.</summary>
    Unassigned,

    /// <summary>For training.</summary>
    Train,

    /// <summary>For choosing options and for the accuracy during training.</summary>
    Validation,

    /// <summary>For the final measurement only.</summary>
    Test,
}

/// <summary>The parts of a data set; all share one list of class names.</summary>
/// <param name="Train">The samples to train on.</param>
/// <param name="Validation">The samples held out.</param>
/// <param name="Test">The samples marked for a final test, where the data set marks any.</param>
public sealed record DatasetSplit(ImageDataset Train, ImageDataset Validation, ImageDataset? Test = null)
{
    /// <summary>
    /// Opens what <c>--data</c> and <c>--val</c> name: a folder of class folders (perhaps with train and val folders), or a
    /// CSV manifest; the validation part comes from <paramref name="validation"/> where given, else from what the data set
    /// itself says, else from a seeded split.
    /// </summary>
    /// <param name="data">A folder or a CSV manifest.</param>
    /// <param name="validation">A folder or a CSV manifest of held-out samples whose classes all occur in <paramref name="data"/>, or <see langword="null"/>.</param>
    /// <param name="trainShare">Share of each class that a seeded split trains on, above 0 and below 1.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <param name="logger">Is told what is left out.</param>
    /// <param name="allowOutside">Whether a manifest may name images outside its folder.</param>
    /// <exception cref="DatasetException">The data cannot be used; the message says why.</exception>
    public static DatasetSplit Open(string data, string? validation, double trainShare, ulong seed, ILogger? logger = null, bool allowOutside = false)
    {
        ImageDataset train = ImageDataset.Open(data, logger, allowOutside);
        if (validation is null) return train.Split(trainShare, seed);

        ImageDataset heldOut = ImageDataset.OpenLike(train, validation, logger, allowOutside);
        ImageDataset parts = train.HasExplicitParts ? train.Part(DatasetPart.Train, DatasetPart.Unassigned) : train;
        return new DatasetSplit(parts, heldOut);
    }
}
