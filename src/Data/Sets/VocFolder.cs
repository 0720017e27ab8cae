using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IlgpuSpp.Data;

/// <summary>
/// Data sets in PASCAL VOC's layout: <c>JPEGImages</c>, <c>Annotations</c> (one XML file an image, pixels counted from 1, corners
/// included) and <c>ImageSets/Main</c> (lists of names, one list a set).
/// </summary>
internal static partial class VocFolder
{
    private static readonly string[] MainSets = ["train", "val", "trainval", "test"];

    /// <summary>Opens a set of a folder: images in the order of the list, classes in ordinal order of their names.</summary>
    /// <exception cref="DatasetException">The folder is not in this layout, the set does not exist, an annotation is damaged, or nothing is left.</exception>
    public static DetectionDataset Open(DataFiles files, string folder, AnnotationOptions options, ILogger logger)
    {
        if (options.Set is null && FirstSet(files, folder, options.UsualSets) is { } usual) options = options with { Set = usual };
        string annotations = Path.Combine(folder, "Annotations"), pictures = Path.Combine(folder, "JPEGImages");
        if (!files.HasFolder(annotations)) throw new DatasetException(folder, "has no folder Annotations; name the folder of a VOC data set, such as VOCdevkit/VOC2007.");
        var named = new PictureNames(files, pictures);
        ILookup<string, string> sets = SetsOfImages(files, folder, annotations, options);
        var found = new List<(ReadImage Image, VocAnnotation Annotation)>();
        foreach (string name in Names(files, folder, annotations, options, logger))
        {
            VocAnnotation annotation = VocAnnotation.Read(files, Path.Combine(annotations, name + ".xml"), options.NeedBoxes, logger);
            string? picture = named.Find(name, annotation.FileName);
            if (picture is null && options.NeedImages)
                logger.LogWarning("{Folder}: there is no image for the annotation of {Name}; it is left out.", folder, name);
            else
                found.Add((new ReadImage(name, picture is null ? null : $"JPEGImages/{picture}", annotation.Width, annotation.Height, []) { Sets = [.. sets[name]] }, annotation));
        }
        if (found.Count == 0) throw new DatasetException(folder, $"has no annotated images{(options.Set is null ? "" : $" in the set '{options.Set}'")}; check ImageSets/Main, Annotations and JPEGImages.");
        if (options.Set is null && options.NeedImages) named.WarnOfOthers(folder, found.Select(item => item.Image.File), logger);

        string[] classes = [.. found.SelectMany(item => item.Annotation.Objects).Select(item => item.Class).Distinct().Order(StringComparer.Ordinal)];
        ReadImage[] images = [.. found.Select(item => item.Image with
        {
            Objects = [.. item.Annotation.Objects.Select(o => (o.Object with { Label = Array.BinarySearch(classes, o.Class, StringComparer.Ordinal) }, $"{folder}: {item.Image.Name}, '{o.Class}'"))],
        })];
        return AnnotationReader.Build(files, folder, folder, classes, images, options, logger);
    }

    /// <summary>The first of some sets that the folder has, or null.</summary>
    public static string? FirstSet(DataFiles files, string folder, IEnumerable<string> candidates) => candidates.FirstOrDefault(set => files.HasFile(SetFile(folder, set)));

    private static ILookup<string, string> SetsOfImages(DataFiles files, string folder, string annotations, AnnotationOptions options) =>
        (options.Set is { } one ? [one] : MainSets.Where(set => files.HasFile(SetFile(folder, set))))
        .SelectMany(set => Names(files, folder, annotations, options with { Set = set }, NullLogger.Instance).Select(name => (name, set)))
        .ToLookup(item => item.name, item => item.set, StringComparer.Ordinal);

    private static string SetFile(string folder, string set) => Path.Combine(folder, "ImageSets", "Main", set + ".txt");

    private static List<string> Names(DataFiles files, string folder, string annotations, AnnotationOptions options, ILogger logger)
    {
        if (options.Set is not { } set)
            return [.. Stems(files, annotations, ".xml")];
        string list = SetFile(folder, set);
        if (!files.HasFile(list))
        {
            string main = Path.GetDirectoryName(list)!;
            string[] known = [.. Stems(files, main, ".txt").Take(12)];
            throw new DatasetException(folder, $"has no set '{AnnotationValues.Shown(set)}'; {(known.Length == 0 ? "ImageSets/Main holds no lists" : $"there are {string.Join(", ", known)}")}.");
        }
        var names = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string text in files.ReadLines(list))
        {
            number++;
            string line = text.Trim();
            if (line.Length == 0) continue;
            if (AnnotationValues.ImagePath(annotations, line, options.AllowOutside, out string refusal) is null) throw new DatasetException(FormattableString.Invariant($"{list}, line {number}"), refusal);
            // The whole line is a name, with or without an image's extension; the lists of single classes have a second column with 1, 0 or -1.
            string[] readings = [line, .. Mark().Match(line) is { Success: true } match ? (string[])[match.Groups[1].Value] : []];
            string? name = Array.Find([.. readings.SelectMany(reading => (string[])[reading, AnnotationValues.WithoutExtension(reading)])], reading => files.HasFile(Path.Combine(annotations, reading + ".xml")));
            if (name is null) logger.LogWarning("{Folder}: {Name} has no annotation; it is left out.", folder, AnnotationValues.Shown(readings[^1]));
            else if (seen.Add(name)) names.Add(name);
        }
        return names;
    }

    private static IEnumerable<string> Stems(DataFiles files, string folder, string ending) =>
        files.FilesIn(folder).Where(file => file.EndsWith(ending, StringComparison.Ordinal)).Select(file => file[..^ending.Length]);

    [GeneratedRegex(@"^(.*\S)\s+(?:-1|0|1)$")]
    private static partial Regex Mark();

    /// <summary>The files of <c>JPEGImages</c>, found by name, with any image's extension in any case.</summary>
    private sealed class PictureNames
    {
        private readonly string[] _files;
        private readonly Dictionary<string, string> _byStem = new(StringComparer.Ordinal), _inAnyCase = new(StringComparer.OrdinalIgnoreCase);
        private readonly string _folder;
        private readonly DataFiles _all;

        public PictureNames(DataFiles all, string folder)
        {
            (_all, _folder) = (all, folder);
            _files = all.FilesIn(folder);
            // JPEG first, as in VOC itself, where several files share a name.
            foreach (string file in _files.Where(ImageFolder.IsImageName).OrderBy(file => !file.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase)))
            {
                _byStem.TryAdd(Path.GetFileNameWithoutExtension(file), file);
                _inAnyCase.TryAdd(Path.GetFileNameWithoutExtension(file), file);
            }
        }

        /// <summary>The file that the annotation names if it is called like the annotation; else one called so; else the one it names.</summary>
        public string? Find(string name, string? fileName)
        {
            string? named = fileName is null ? null : Path.GetFileName(fileName.Replace('\\', '/'));
            bool exists = named is { Length: > 0 } && !named.Any(char.IsControl) && _all.HasFile(Path.Combine(_folder, named));
            if (exists && Path.GetFileNameWithoutExtension(named) == name) return named;
            if (_byStem.TryGetValue(name, out string? own) || _inAnyCase.TryGetValue(name, out own)) return own;
            // A list may name folders below.
            if (name.Contains('/') && Array.Find([".jpg", ".jpeg", ".png", ".JPG"], extension => _all.HasFile(Path.Combine(_folder, name + extension))) is { } ending) return name + ending;
            if (exists) return named;
            return named is { Length: > 0 } ? _inAnyCase.GetValueOrDefault(AnnotationValues.WithoutExtension(named)) : null;
        }

        public void WarnOfOthers(string folder, IEnumerable<string?> used, ILogger logger)
        {
            HashSet<string?> names = [.. used.Select(Path.GetFileName)];
            string[] bare = [.. _files.Where(file => !names.Contains(file))];
            if (bare.Length > 0) logger.LogWarning("{Folder}: {Count} images have no annotation and are left out, {First} the first of them.", folder, bare.Length, bare[0]);
        }
    }
}
