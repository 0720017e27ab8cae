using System.Globalization;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Data sets as YOLO's tools have them: a description (<c>data.yaml</c>), images, and one text file an image in <c>labels</c> instead of <c>images</c> with a line an object:
/// its class number and its centre, width and height as shares of the image's sides, or the corners of a polygon. An image without such a file shows no object.
/// </summary>
internal static class YoloFolder
{
    private const int BoxFields = 5, LeastPolygonFields = 7;

    // What lies far outside was written in pixels.
    private const double MaxShare = 2;

    private static readonly string[] UsualNames = ["data.yaml", "data.yml", "dataset.yaml", "dataset.yml"];

    /// <summary>The description that a folder has under a usual name, or null.</summary>
    public static string? DescriptionIn(DataFiles files, string folder) => UsualNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(files.HasFile);

    /// <summary>Opens the named set, or the usual one, or all: images of a folder in ordinal order, of a list in its order; classes as they are numbered.</summary>
    /// <param name="files">Where the files are.</param>
    /// <param name="path">The description.</param>
    /// <param name="options">How to read.</param>
    /// <param name="logger">Receives what is left out.</param>
    /// <exception cref="DatasetException">The description or a label file is damaged, a class has no name, or no image is there.</exception>
    public static DetectionDataset Open(DataFiles files, string path, AnnotationOptions options, ILogger logger)
    {
        DataYaml description = DataYaml.Read(files, path);
        string root = options.Images ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        string? only = options.Set ?? options.UsualSets.FirstOrDefault(description.Sets.ContainsKey);
        if (only is not null && !description.Sets.ContainsKey(only)) throw new DatasetException(path, $"has no set '{AnnotationValues.Shown(only)}'; there {(description.Sets.Count == 1 ? "is" : "are")} {string.Join(", ", description.Sets.Keys)}.");

        var order = new List<string>();
        var sets = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach ((string set, IReadOnlyList<string> places) in description.Sets.Where(item => only is null || item.Key == only))
        {
            foreach (string image in places.SelectMany(place => ImagesOf(files, path, root, description.Root, place, options)))
            {
                if (!sets.TryGetValue(image, out List<string>? own))
                {
                    sets.Add(image, own = []);
                    if (files.HasFile(Path.Combine(root, image))) order.Add(image);
                    else missing.Add(image);
                }
                if (!own.Contains(set)) own.Add(set);
            }
        }
        AnnotationReader.CheckMissing(files, path, root, order.Count, missing, logger);

        (string[] classes, int[] labels) = Classes(path, description.ClassNames, logger);
        var shapes = new OtherShapes();
        int bare = 0;
        var images = new List<ReadImage>();
        foreach (string image in order)
        {
            string lines = Path.Combine(root, LabelsOf(image));
            if (!files.HasFile(lines)) bare++;
            images.Add(new ReadImage(image, image, 0, 0, files.HasFile(lines) ? Objects(files, lines, labels, description.HasKeyPoints, shapes) : []) { Sets = sets[image], IsRelative = true });
        }
        if (bare == images.Count) throw new DatasetException(path, $"none of its {images.Count} images has a label file, {Path.Combine(root, LabelsOf(order[0]))} for the first of them; put them there.");
        if (bare > 0) logger.LogWarning("{Path}: {Count} of {All} images have no label file and are taken for images without objects, {First} the first of them.", path, bare, images.Count, images.First(image => !files.HasFile(Path.Combine(root, LabelsOf(image.Name)))).Name);
        shapes.Tell(path, logger);
        return AnnotationReader.Build(files, path, root, classes, images, options, logger);
    }

    // Descriptions come from other machines: a root that is not there is passed over, and "../" in front where the place is without it.
    private static IEnumerable<string> ImagesOf(DataFiles files, string path, string root, string? described, string place, AnnotationOptions options)
    {
        string from = options.Images is null && described is not null && files.HasFolder(Path.Combine(root, described)) ? Path.Combine(root, described) : root;
        string[] candidates = [Path.Combine(from, place), .. place.StartsWith("../", StringComparison.Ordinal) ? (string[])[Path.Combine(from, place[3..])] : []];
        string full = Array.Find(candidates, files.HasFolder) ?? Array.Find(candidates, files.HasFile) ?? throw new DatasetException(path, $"has its images in {AnnotationValues.Shown(place)}, but there is no such folder or list; mend it, or name the folder of the images.");
        string inside = AnnotationValues.ImagePath(root, full, options.AllowOutside, out string refusal) ?? throw new DatasetException(path, refusal);
        if (files.HasFolder(full)) return Below(files, full, inside == "." ? "" : inside).Order(StringComparer.Ordinal);
        return ImageFolder.IsImageName(full) ? [inside] : Listed(files, root, from, full, options);
    }

    private static List<string> Below(DataFiles files, string folder, string name)
    {
        var found = new List<string>();
        foreach (DataEntry entry in files.EntriesIn(folder).Where(entry => !entry.IsHidden))
        {
            string own = name.Length == 0 ? entry.Name : name + "/" + entry.Name;
            if (!entry.IsFolder && ImageFolder.IsImageName(entry.Name)) found.Add(own);
            else if (entry is { IsFolder: true, IsLink: false }) found.AddRange(Below(files, Path.Combine(folder, entry.Name), own));
        }
        return found;
    }

    private static IEnumerable<string> Listed(DataFiles files, string root, string from, string list, AnnotationOptions options)
    {
        int number = 0;
        string beside = Path.GetDirectoryName(list)!;
        foreach (string line in files.ReadLines(list).Select(text => text.Trim()))
        {
            number++;
            if (line.Length == 0) continue;
            string full = Path.Combine(beside, line);
            if (!files.HasFile(full) && files.HasFile(Path.Combine(from, line))) full = Path.Combine(from, line);
            yield return AnnotationValues.ImagePath(root, full, options.AllowOutside, out string refusal) ?? throw new DatasetException(FormattableString.Invariant($"{list}, line {number}"), refusal);
        }
    }

    // The last folder "images" becomes "labels"; without one the lines lie beside the image.
    private static string LabelsOf(string image)
    {
        string bare = "/" + AnnotationValues.WithoutExtension(image);
        int at = bare.LastIndexOf("/images/", StringComparison.Ordinal);
        return (at < 0 ? bare : bare[..at] + "/labels/" + bare[(at + "/images/".Length)..])[1..] + ".txt";
    }

    private static (string[] Names, int[] Labels) Classes(string path, IReadOnlyList<string> described, ILogger logger)
    {
        string[] names = [.. described.Distinct(StringComparer.Ordinal)];
        if (names.Length < described.Count) logger.LogWarning("{Path}: {Count} classes have the name of another one; classes of one name are taken for one.", path, described.Count - names.Length);
        return (names, [.. described.Select(name => Array.IndexOf(names, name))]);
    }

    private static List<(AnnotatedObject, string)> Objects(DataFiles files, string path, int[] labels, bool hasKeyPoints, OtherShapes shapes)
    {
        var objects = new List<(AnnotatedObject, string)>();
        int number = 0;
        foreach (string line in files.ReadLines(path))
        {
            number++;
            string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0) continue;
            string place = FormattableString.Invariant($"{path}, line {number}");
            bool isPolygon = !hasKeyPoints && fields.Length >= LeastPolygonFields && fields.Length % 2 == 1;
            if (!isPolygon && !(fields.Length == BoxFields || (hasKeyPoints && fields.Length > BoxFields)))
                throw new DatasetException(place, FormattableString.Invariant($"has {fields.Length} {(fields.Length == 1 ? "value" : "values")}; it should have a class number and x, y, width, height, or a class number and the corners of a polygon."));
            double[] values = [.. fields.Select(field => AnnotationValues.Number(field) ?? throw new DatasetException(place, $"has '{AnnotationValues.Shown(field)}', which is no number."))];
            if (!(values[0] >= 0 && values[0] == Math.Floor(values[0]))) throw new DatasetException(place, $"has '{AnnotationValues.Shown(fields[0])}' for a class number; it should be a whole number from 0.");
            if (values[0] >= labels.Length)
                throw new DatasetException(place, FormattableString.Invariant($"has the class number {AnnotationValues.Shown(fields[0])}, but the description names {labels.Length} {(labels.Length == 1 ? "class" : "classes")}, from 0 to {labels.Length - 1}; add its name or mend the line."));
            int shares = hasKeyPoints ? BoxFields : values.Length;
            if (values[1..shares].FirstOrDefault(value => Math.Abs(value) > MaxShare) is not 0 and var far)
                throw new DatasetException(place, string.Create(CultureInfo.InvariantCulture, $"has {far}, but places and sizes are shares of the image's sides, from 0 to 1; divide pixels by them."));
            PixelBox box;
            if (isPolygon)
            {
                double[] across = [.. values.Skip(1).Where((_, i) => i % 2 == 0)], down = [.. values.Skip(1).Where((_, i) => i % 2 == 1)];
                box = new PixelBox(across.Min(), down.Min(), across.Max(), down.Max());
                shapes.Bounded("polygon");
            }
            else
            {
                box = new PixelBox(values[1] - (values[3] / 2), values[2] - (values[4] / 2), values[1] + (values[3] / 2), values[2] + (values[4] / 2));
            }
            objects.Add((new AnnotatedObject(labels[(int)values[0]], box), place));
        }
        return objects;
    }
}
