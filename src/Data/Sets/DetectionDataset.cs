using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>An image with the objects marked in it.</summary>
/// <param name="Name">Its name, unique in the data set; in VOC folders the file name without extension.</param>
/// <param name="Source">Its index in the data set's image source.</param>
/// <param name="Width">Width in pixels, upright.</param>
/// <param name="Height">Height in pixels, upright.</param>
/// <param name="Objects">The objects, in the order of the annotation; may be empty.</param>
public sealed record AnnotatedImage(string Name, int Source, int Width, int Height, IReadOnlyList<AnnotatedObject> Objects)
{
    /// <summary>Whether a detector learns from its marked objects alone: no proposals, no background, no regression of boxes, as from the training images of ILSVRC's DET (the paper, section 4.5).</summary>
    public bool ObjectsOnly { get; init; }

    /// <summary>Its id in a COCO file.</summary>
    internal string? Id { get; init; }

    /// <summary>The sets of its data set that it is listed in, such as <c>train</c>.</summary>
    internal IReadOnlyList<string> Sets { get; init; } = [];
}

/// <summary>An object marked in an image.</summary>
/// <param name="Label">Its class, an index into the data set's class names.</param>
/// <param name="Box">Where it is, inside the upright image.</param>
/// <param name="Difficult">VOC's flag: a detection of it counts neither as a find nor as a mistake, and missing it is none.</param>
/// <param name="Truncated">Whether the box holds only part of the object.</param>
/// <param name="Crowd">COCO's flag: the box holds many objects of the class. Any number of detections inside it count neither way.</param>
public sealed record AnnotatedObject(int Label, PixelBox Box, bool Difficult = false, bool Truncated = false, bool Crowd = false)
{
    /// <summary>Whether the object is passed over: neither trained on as an object nor counted as one to be found.</summary>
    public bool Ignored => Difficult || Crowd;
}

/// <summary>Images with marked objects. Immutable; images are read when asked for, from any thread.</summary>
public sealed class DetectionDataset
{
    private const uint SplitStream = 0xDE7E_0001;

    private readonly IImageSource _source;

    /// <summary>Creates a data set.</summary>
    /// <param name="name">What it is called in messages: its folder or file.</param>
    /// <param name="classNames">Names of the classes in the order of the labels.</param>
    /// <param name="images">The images.</param>
    /// <param name="source">Where the images are read.</param>
    public DetectionDataset(string name, IReadOnlyList<string> classNames, IReadOnlyList<AnnotatedImage> images, IImageSource source)
    {
        Name = name;
        ClassNames = classNames;
        Images = images;
        _source = source;
        foreach (AnnotatedImage image in images)
        {
            foreach (AnnotatedObject item in image.Objects)
            {
                if ((uint)item.Label >= (uint)classNames.Count)
                    throw new ArgumentException($"{image.Name} has an object of class {item.Label}, but there are {classNames.Count} classes.", nameof(images));
            }
        }
    }

    /// <summary>What the data set is called in messages.</summary>
    public string Name { get; }

    /// <summary>Names of the classes in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The images.</summary>
    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <summary>The labels of a COCO file's category ids.</summary>
    internal IReadOnlyDictionary<string, int>? LabelsById { get; set; }

    /// <summary>Reads an image.</summary>
    /// <param name="index">Its position in <see cref="Images"/>.</param>
    /// <exception cref="DataFormatException">The image cannot be decoded.</exception>
    /// <exception cref="IOException">The image cannot be read.</exception>
    public RgbImage Load(int index) => _source.Load(Images[index].Source);

    /// <summary>Opens the file of an image as it is stored; null where it has none.</summary>
    /// <param name="index">Its position in <see cref="Images"/>.</param>
    /// <param name="name">The file's name without its folders.</param>
    internal Stream? OpenFile(int index, out string name)
    {
        var files = _source as FileImageSource;
        name = files is null ? "" : Path.GetFileName(files.PathOf(Images[index].Source));
        return files?.Open(Images[index].Source);
    }

    /// <summary>Objects of a class, difficult ones and crowds included.</summary>
    /// <param name="label">The class.</param>
    public int CountOf(int label) => Images.Sum(image => image.Objects.Count(item => item.Label == label));

    /// <summary>Some of the images, of the same classes.</summary>
    /// <param name="indices">Positions in <see cref="Images"/>.</param>
    public DetectionDataset Subset(IEnumerable<int> indices) => new(Name, ClassNames, [.. indices.Select(i => Images[i])], _source);

    /// <summary>These images and those of another set, whose objects alone are learnt from (<see cref="AnnotatedImage.ObjectsOnly"/>).</summary>
    /// <param name="more">The other images. Objects of classes that this set has not are left out with a warning; so are images that are in this set too, and, without one, images that show no object to learn from.</param>
    /// <param name="logger">Receives the warnings.</param>
    /// <exception cref="DatasetException">The other set shows no object of a class of this one.</exception>
    public DetectionDataset WithObjectsOf(DetectionDataset more, ILogger? logger = null)
    {
        DetectionDataset known = more.WithClasses(ClassNames, logger);
        AnnotatedImage[] added = [.. known.Images.Where(image => image.Objects.Any(item => !item.Ignored)).Select(image => image with { Source = _source.Count + image.Source, ObjectsOnly = true })];
        // An image that is in both would be learnt from and held out.
        ILookup<string, AnnotatedImage> own = Images.ToLookup(image => image.Name);
        int both = added.Length;
        added = [.. added.Where(image => !own[image.Name].Any(known => (known.Width, known.Height) == (image.Width, image.Height) && known.Objects.SequenceEqual(image.Objects)))];
        both -= added.Length;
        if (added.Length == 0) throw new DatasetException(more.Name, both > 0
            ? $"has no images that {Name} has not; name another set."
            : $"shows no object, difficult ones and crowds apart, of a class of {Name}; check the paths and the names of the classes.");
        if (both > 0) (logger ?? NullLogger.Instance).LogWarning("{Set}: {Count} images are among those of {Own} already and are left out.", more.Name, both, Name);
        return new DetectionDataset(Name, ClassNames, [.. Images, .. added], new JoinedSource(_source, known._source));
    }

    /// <summary>Parts the images at random into two sets. Images whose objects alone are learnt from are never held out.</summary>
    /// <param name="heldOutShare">Share of the images that the second set gets, in (0, 1); both sets get at least one image.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <exception cref="DatasetException">There are fewer than two images.</exception>
    public (DetectionDataset Train, DetectionDataset HeldOut) Split(double heldOutShare, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, Images.Count).Where(i => !Images[i].ObjectsOnly)];
        if (order.Length < 2) throw new DatasetException(Name, $"needs at least 2 images, of which some are held out for model selection, but has {order.Length}; add images.");
        new RandomStream(new RandomKey(seed, SplitStream, 0)).Shuffle<int>(order);
        int heldOut = Math.Clamp((int)Math.Round(heldOutShare * order.Length), 1, order.Length - 1);
        return (Subset(order[heldOut..].Concat(Enumerable.Range(0, Images.Count).Where(i => Images[i].ObjectsOnly)).Order()), Subset(order[..heldOut].Order()));
    }

    /// <summary>The same images with the classes of a model: labels are renumbered, objects of other classes left out with a warning.</summary>
    /// <param name="classNames">The classes wanted, in the order of the labels.</param>
    /// <param name="logger">Receives the warnings.</param>
    public DetectionDataset WithClasses(IReadOnlyList<string> classNames, ILogger? logger = null)
    {
        if (classNames.SequenceEqual(ClassNames)) return this;
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int label = 0; label < classNames.Count; label++) labels.TryAdd(classNames[label], label);
        int[] map = [.. ClassNames.Select(name => labels.GetValueOrDefault(name, -1))];
        for (int label = 0; label < map.Length; label++)
        {
            if (map[label] < 0 && CountOf(label) is > 0 and var count)
                (logger ?? NullLogger.Instance).LogWarning("{Set}: {Count} objects of the class '{Class}', which the detector does not know, are left out.", Name, count, ClassNames[label]);
        }
        return new DetectionDataset(Name, classNames, [.. Images.Select(image => image with
        {
            Objects = [.. image.Objects.Where(item => map[item.Label] >= 0).Select(item => item with { Label = map[item.Label] })],
        })], _source);
    }

    /// <summary>A hash of names, sizes, classes and objects: two sets with the same value hold the same annotations.</summary>
    public string Fingerprint()
    {
        StringBuilder text = new StringBuilder(string.Join('\n', ClassNames)).Append('\n');
        foreach (AnnotatedImage image in Images)
        {
            text.Append(CultureInfo.InvariantCulture, $"{image.Name} {image.Width} {image.Height}{(image.ObjectsOnly ? " objects" : "")}\n");
            foreach (AnnotatedObject item in image.Objects)
                text.Append(CultureInfo.InvariantCulture, $"{item.Label} {item.Box.Left} {item.Box.Top} {item.Box.Right} {item.Box.Bottom} {item.Difficult}{(item.Crowd ? " crowd" : "")}\n");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private sealed class JoinedSource(IImageSource first, IImageSource second) : IImageSource
    {
        public int Count => first.Count + second.Count;

        public string NameOf(int index) => index < first.Count ? first.NameOf(index) : second.NameOf(index - first.Count);

        public RgbImage Load(int index) => index < first.Count ? first.Load(index) : second.Load(index - first.Count);
    }
}
