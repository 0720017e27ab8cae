using System.Xml.Linq;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Data;

/// <summary>
/// Data sets in the form "CVAT for images" (<c>annotations.xml</c>): one <c>image</c> an image with <c>box</c> elements whose edges are continuous coordinates. The attributes
/// <c>difficult</c>, <c>truncated</c> and <c>crowd</c> of objects are its flags. Polygons, ellipses, masks and turned boxes have their bounding boxes taken.
/// </summary>
internal static class CvatFile
{
    public const string UsualName = "annotations.xml";

    private static readonly string[] Areas = ["box", "polygon", "ellipse", "mask"], Thin = ["polyline", "points", "skeleton", "cuboid"];

    /// <summary>Opens a file: images in its order, classes in that of its list of labels, others behind them in ordinal order.</summary>
    /// <exception cref="DatasetException">The file is not of this form, or names no image that exists.</exception>
    public static DetectionDataset Open(DataFiles files, string path, AnnotationOptions options, ILogger logger)
    {
        XElement top = AnnotationXml.Load(files, path);
        if (top.Name.LocalName == "annotation") throw new DatasetException(path, "is one annotation of a VOC data set; name the folder that holds Annotations and JPEGImages.");
        if (top.Name.LocalName != "annotations") throw new DatasetException(path, "is not in the form 'CVAT for images 1.1'; export it so.");
        if (top.Element("track") is { } track) throw AnnotationXml.Refusal(path, track, "has the tracks of a video; export it as 'CVAT for images 1.1'.");

        string root = options.Images ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
        var shapes = new OtherShapes();
        var found = new List<(ReadImage Image, List<(string Class, AnnotatedObject Object, string Place)> Objects)>();
        var missing = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (XElement image in top.Elements("image"))
        {
            string name = Text(path, image, "name");
            string? file = null;
            foreach (string candidate in (ReadOnlySpan<string>)[name, "images/" + name, $"images/{image.Attribute("subset")?.Value}/{name}"])
            {
                string inside = AnnotationValues.ImagePath(root, candidate, options.AllowOutside, out string refusal) ?? throw AnnotationXml.Refusal(path, image, refusal);
                if (files.HasFile(Path.Combine(root, inside))) file ??= inside;
            }
            if (!seen.Add(file ?? name)) throw AnnotationXml.Refusal(path, image, $"has the image {AnnotationValues.Shown(name)} again; remove one of the two.");
            if (file is null && options.NeedImages) missing.Add(name);
            else found.Add((new ReadImage(file ?? name, file, (int)Side(path, image, "width"), (int)Side(path, image, "height"), []), Objects(path, image, name, shapes)));
        }
        if (found.Count + missing.Count == 0) throw new DatasetException(path, "holds no images; export the task with its images' annotations.");
        AnnotationReader.CheckMissing(files, path, root, found.Count, missing, logger);
        shapes.Tell(path, logger);

        string[] classes = [.. top.Descendants("labels").Elements("label").Select(label => label.Element("name")?.Value.Trim() ?? "").Where(name => name.Length > 0)
            .Concat(found.SelectMany(item => item.Objects).Select(item => item.Class).Distinct().Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal)];
        ReadImage[] images = [.. found.Select(item => item.Image with { Objects = [.. item.Objects.Select(own => (own.Object with { Label = Array.IndexOf(classes, own.Class) }, own.Place))] })];
        return AnnotationReader.Build(files, path, root, classes, images, options, logger);
    }

    private static List<(string, AnnotatedObject, string)> Objects(string path, XElement image, string name, OtherShapes shapes)
    {
        var objects = new List<(string, AnnotatedObject, string)>();
        foreach (XElement shape in image.Elements())
        {
            string kind = shape.Name.LocalName;
            if (Array.IndexOf(Thin, kind) >= 0) shapes.LeftOut(kind);
            if (Array.IndexOf(Areas, kind) < 0) continue;
            PixelBox box = kind switch
            {
                "box" => Turned(path, shape, Edges(path, shape), shapes),
                "polygon" => Bounds(path, shape, shapes),
                "ellipse" => Ellipse(path, shape, shapes),
                _ => Mask(path, shape, shapes),
            };
            objects.Add((Text(path, shape, "label"), new AnnotatedObject(0, box, Flag(path, shape, "difficult"), Flag(path, shape, "truncated"), Flag(path, shape, "crowd")), $"{path}: {name}"));
        }
        return objects;
    }

    private static PixelBox Edges(string path, XElement box) =>
        AnnotationValues.Touched(Number(path, box, "xtl"), Number(path, box, "ytl"), Number(path, box, "xbr"), Number(path, box, "ybr"));

    // Turned about its centre by degrees.
    private static PixelBox Turned(string path, XElement shape, PixelBox box, OtherShapes shapes)
    {
        if (shape.Attribute("rotation") is null || Number(path, shape, "rotation") is not (not 0 and var degrees)) return box;
        shapes.Bounded("turned " + shape.Name.LocalName);
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        double x = (box.Left + box.Right + 1) / 2, y = (box.Top + box.Bottom + 1) / 2, width = box.Right + 1 - box.Left, height = box.Bottom + 1 - box.Top;
        bool isBox = shape.Name.LocalName == "box";
        double across = isBox ? ((width * Math.Abs(cos)) + (height * Math.Abs(sin))) / 2 : Math.Sqrt(Square(width * cos) + Square(height * sin)) / 2;
        double down = isBox ? ((width * Math.Abs(sin)) + (height * Math.Abs(cos))) / 2 : Math.Sqrt(Square(width * sin) + Square(height * cos)) / 2;
        return AnnotationValues.Touched(x - across, y - down, x + across, y + down);

        static double Square(double value) => value * value;
    }

    private static PixelBox Bounds(string path, XElement polygon, OtherShapes shapes)
    {
        shapes.Bounded("polygon");
        double[] values = [.. Text(path, polygon, "points").Split(';', ',').Select(text => AnnotationValues.Number(text) ?? throw AnnotationXml.Refusal(path, polygon, $"has '{AnnotationValues.Shown(text)}' among its points; it should be a number."))];
        if (values.Length < 2 || values.Length % 2 != 0) throw AnnotationXml.Refusal(path, polygon, "has points that are not pairs of numbers; mend or remove it.");
        double[] across = [.. values.Where((_, i) => i % 2 == 0)], down = [.. values.Where((_, i) => i % 2 == 1)];
        return AnnotationValues.Touched(across.Min(), down.Min(), across.Max(), down.Max());
    }

    private static PixelBox Ellipse(string path, XElement shape, OtherShapes shapes)
    {
        double x = Number(path, shape, "cx"), y = Number(path, shape, "cy"), across = Number(path, shape, "rx"), down = Number(path, shape, "ry");
        PixelBox upright = AnnotationValues.Touched(x - across, y - down, x + across, y + down), box = Turned(path, shape, upright, shapes);
        if (box == upright) shapes.Bounded("ellipse");
        return box;
    }

    private static PixelBox Mask(string path, XElement shape, OtherShapes shapes)
    {
        shapes.Bounded("mask");
        double left = Number(path, shape, "left"), top = Number(path, shape, "top");
        return AnnotationValues.Touched(left, top, left + Number(path, shape, "width"), top + Number(path, shape, "height"));
    }

    private static bool Flag(string path, XElement shape, string flag)
    {
        XElement? own = shape.Elements("attribute").FirstOrDefault(item => string.Equals(item.Attribute("name")?.Value, flag, StringComparison.OrdinalIgnoreCase));
        return own is not null && (AnnotationValues.Flag(own.Value) ?? throw AnnotationXml.Refusal(path, own, $"has '{AnnotationValues.Shown(own.Value)}' for {flag}; it should be true or false."));
    }

    private static double Side(string path, XElement image, string name) => image.Attribute(name) is null ? 0 : Number(path, image, name) is >= 1 and <= int.MaxValue and var side ? side : 0;

    private static string Text(string path, XElement element, string name) =>
        element.Attribute(name)?.Value.Trim() is { Length: > 0 } text ? text : throw AnnotationXml.Refusal(path, element, $"has a <{element.Name.LocalName}> without {name}; add it.");

    private static double Number(string path, XElement element, string name) =>
        AnnotationValues.Number(Text(path, element, name)) ?? throw AnnotationXml.Refusal(path, element, $"has '{AnnotationValues.Shown(Text(path, element, name))}' for {name}; it should be a number.");
}
