using System.Numerics;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine;

namespace IlgpuSpp.Data.Tests;

public sealed class ShapesTests
{
    private static readonly ShapesOptions Small = new() { TrainImages = 40, ValidationImages = 20 };

    [Fact]
    public void An_image_follows_from_seed_and_number()
    {
        var source = new ShapesSource(Small);
        RgbImage[] first = [.. Enumerable.Range(0, 60).Select(source.Load)];
        var again = new RgbImage[60];
        Parallel.For(0, 60, i => again[59 - i] = new ShapesSource(Small with { ValidationImages = 500 }).Load(59 - i));
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal((first[i].Width, first[i].Height), (again[i].Width, again[i].Height));
            Assert.True(first[i].Pixels.AsSpan().SequenceEqual(again[i].Pixels));
        }
        RgbImage other = new ShapesSource(Small with { Seed = 2 }).Load(0);
        Assert.False(other.Pixels.AsSpan().SequenceEqual(first[0].Pixels));
    }

    [Fact]
    public void Classes_are_balanced_and_parts_are_apart()
    {
        DatasetSplit split = ShapesDataset.Create(Small);
        Assert.Equal(["arrow", "circle", "crescent", "cross", "drop", "heart", "ring", "square", "star", "triangle"], split.Train.ClassNames);
        Assert.All(split.Train.CountPerClass(), c => Assert.Equal(4, c));
        Assert.All(split.Validation.CountPerClass(), c => Assert.Equal(2, c));
        Assert.Equal(Enumerable.Range(0, 40), split.Train.Samples.Select(s => s.SourceIndex));
        Assert.Equal(Enumerable.Range(40, 20), split.Validation.Samples.Select(s => s.SourceIndex));
        Assert.All(split.Validation.Samples, s => Assert.StartsWith(split.Validation.ClassNames[s.Label], s.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_and_aspects_vary_within_the_options()
    {
        var source = new ShapesSource(new ShapesOptions());
        (int W, int H)[] sizes = [.. Enumerable.Range(0, 150).Select(i => source.Load(i)).Select(i => (i.Width, i.Height))];
        Assert.All(sizes, s => Assert.True(s.W is >= 64 and <= 160 && s.H is >= 64 and <= 160));
        Assert.True(sizes.Distinct().Count() > 120);
        Assert.Contains(sizes, s => s.W > 1.4 * s.H);
        Assert.Contains(sizes, s => s.H > 1.4 * s.W);
    }

    [Fact]
    public void The_box_holds_the_shape_and_nothing_else_depends_on_the_class()
    {
        // Without clutter and noise, pixels outside the larger box are the same for every class drawn from one key.
        var options = new ShapesOptions { Clutter = 0, MaxNoise = 0 };
        var key = new RandomKey(4, 5, 7);
        ShapesScene[] scenes = [.. Enum.GetValues<ShapeKind>().Select(kind => ShapesPainter.Single(options, key, kind))];
        RgbImage reference = scenes[0].Image;
        double left = scenes.Min(s => s.Objects[0].Box.X), right = scenes.Max(s => s.Objects[0].Box.X + s.Objects[0].Box.Width);
        double diameter = Math.Min(reference.Width, reference.Height) * options.MaxObjectShare;
        foreach (ShapesScene scene in scenes)
        {
            PixelRegion box = Assert.Single(scene.Objects).Box;
            Assert.True(box.X >= 0 && box.Y >= 0 && box.X + box.Width <= reference.Width && box.Y + box.Height <= reference.Height);
            Assert.InRange(Math.Max(box.Width, box.Height), 0.3 * options.MinObjectShare * diameter, diameter + 1);
            for (int y = 0; y < reference.Height; y++)
            {
                for (int x = 0; x < reference.Width; x++)
                {
                    // A shadow may fall an eighth of the diameter beside the shape, blur one pixel more.
                    if (x < left - diameter / 8 - 2 || x > right + diameter / 8 + 2)
                        Assert.True(reference.Row(y).Slice(3 * x, 3).SequenceEqual(scene.Image.Row(y).Slice(3 * x, 3)));
                }
            }
        }
    }

    [Fact]
    public void Polygons_cover_their_area()
    {
        var mask = new PolygonMask(60, 50);
        Vector2[] square = [new(10.25f, 5.5f), new(30.25f, 5.5f), new(30.25f, 25.5f), new(10.25f, 25.5f)];
        Assert.Equal(400, Area(mask, [square]), 2);
        Vector2[] hole = [new(15, 10), new(25, 10), new(25, 20), new(15, 20)];
        Assert.Equal(300, Area(mask, [square, hole]), 2);

        // A regular hexagon of radius r has the area 3√3/2·r².
        Vector2[] hexagon = [.. Enumerable.Range(0, 6).Select(i => new Vector2(30 + 20 * MathF.Cos(i * MathF.PI / 3), 25 + 20 * MathF.Sin(i * MathF.PI / 3)))];
        Assert.InRange(Area(mask, [hexagon]), 1039.2 - 3, 1039.2 + 3);

        // What leaves the image does not count.
        Assert.Equal(100, Area(mask, [[new(-50, -50), new(10, -50), new(10, 10), new(-50, 10)]]), 2);
        mask.Fill([[new(70, 70), new(80, 70), new(80, 80)]]);
        Assert.True(mask.IsEmpty);
    }

    [Fact]
    public void Outlines_lie_in_the_unit_circle_and_have_the_areas_of_their_shapes()
    {
        foreach (ShapeKind kind in Enum.GetValues<ShapeKind>())
        {
            Vector2[][] outline = ShapeOutline.Of(kind, new RandomStream(new RandomKey(1, 2, 3)));
            Assert.All(outline.SelectMany(p => p), p => Assert.InRange(p.Length(), 0, 1.0001f));
        }
        RandomStream Stream() => new(new RandomKey(1, 2, 3));
        Assert.Equal(2, Area(ShapeOutline.Of(ShapeKind.Square, Stream())), 2); // diagonal 2
        Assert.Equal(1.299, Area(ShapeOutline.Of(ShapeKind.Triangle, Stream())), 2); // 3√3/4
        Assert.InRange(Area(ShapeOutline.Of(ShapeKind.Circle, Stream())), 2.60, 2.66); // π·0.92² = 2.659, a little less as a polygon

        static double Area(Vector2[][] outline)
        {
            var mask = new PolygonMask(420, 420);
            return ShapesTests.Area(mask, [.. outline.Select(p => Array.ConvertAll(p, v => v * 200 + new Vector2(210)))]) / 40000;
        }
    }

    [Fact]
    public void Scenes_have_several_boxes_inside_the_image()
    {
        var source = new ShapesSource(Small);
        ShapesScene[] scenes = [.. Enumerable.Range(0, 40).Select(i => source.DrawScene(i, maxObjects: 4))];
        Assert.All(scenes, s => Assert.InRange(s.Objects.Count, 1, 4));
        Assert.Contains(scenes, s => s.Objects.Count >= 3);
        Assert.All(scenes, s => Assert.All(s.Objects, o =>
            Assert.True(o.Box.X >= 0 && o.Box.Y >= 0 && o.Box.Width > 0 && o.Box.Height > 0 && o.Box.X + o.Box.Width <= s.Image.Width && o.Box.Y + o.Box.Height <= s.Image.Height)));
        Assert.Equal(10, scenes.SelectMany(s => s.Objects).Select(o => o.Kind).Distinct().Count());
    }

    [Fact]
    public void The_written_folder_reads_back_as_the_same_data_set()
    {
        using var folder = new TemporaryFolder();
        ShapesDataset.Write(folder.Root, Small, threads: 2);
        DatasetSplit drawn = ShapesDataset.Create(Small), read = ImageFolder.Open(folder.Root).Split(0.5, 1);
        Assert.Equal(drawn.Train.ClassNames, read.Train.ClassNames);
        Assert.Equal((40, 20), (read.Train.Count, read.Validation.Count));
        for (int i = 0; i < read.Validation.Count; i++)
        {
            string name = read.Validation.Samples[i].Name;
            int number = int.Parse(name[^10..^4]);
            Assert.Equal(ShapesSource.LabelOf(number), read.Validation.Samples[i].Label);
            Assert.True(drawn.Validation.Source.Load(number).Pixels.AsSpan().SequenceEqual(read.Validation.Load(i).Pixels));
        }
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesSource(new ShapesOptions { MaxSide = 32 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesSource(new ShapesOptions { MinObjectShare = 0.96 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesSource(new ShapesOptions { TrainImages = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShapesSource(Small).Load(60));
    }

    private static double Area(PolygonMask mask, Vector2[][] polygons)
    {
        mask.Fill(polygons);
        double area = 0;
        for (int y = mask.Top; y < mask.Bottom; y++)
        {
            for (int x = mask.Left; x < mask.Right; x++) area += mask[x, y];
        }
        return area;
    }
}
