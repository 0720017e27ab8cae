using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Cli.Tests;

/// <summary>Frames, letters and the places of names.</summary>
public sealed class BoxDrawingTests
{
    [Fact]
    public void Stroke_CoversPixelsByTheirDistance()
    {
        // At ten pixels a capital the pen is 1.44 wide: the stroke of an I at x = 20.3 covers from 19.58 to 21.02.
        RgbImage image = White(40, 40);
        StrokeFont.Draw(image, "I", 20, 10, 10, (0, 0, 0));
        double[] covered = [.. Enumerable.Range(17, 7).Select(x => 1 - image.Pixels[3 * (15 * 40 + x)] / 255.0)];
        double[] expected = [0, 0, 0.42, 1, 0.02, 0, 0];
        Assert.All(expected.Zip(covered), pair => Assert.Equal(pair.First, pair.Second, 0.01));
    }

    [Fact]
    public void EveryCharacterOfAscii_HasAShapeOfItsOwn()
    {
        var shapes = new Dictionary<string, char>();
        for (char letter = '!'; letter <= '~'; letter++)
        {
            RgbImage image = White(60, 60);
            StrokeFont.Draw(image, letter.ToString(), 20, 20, 20, (0, 0, 0));
            Assert.True(shapes.TryAdd(Convert.ToHexString(image.Pixels), letter), $"{letter} looks like another");
            Assert.InRange(StrokeFont.Width(letter.ToString(), 20), 0.5, 20);
        }
        RgbImage frame = White(60, 60), accent = White(60, 60), plain = White(60, 60);
        StrokeFont.Draw(frame, "犬", 20, 20, 20, (0, 0, 0));
        Assert.True(shapes.TryAdd(Convert.ToHexString(frame.Pixels), ' '));
        StrokeFont.Draw(accent, "é", 20, 20, 20, (0, 0, 0));
        StrokeFont.Draw(plain, "e", 20, 20, 20, (0, 0, 0));
        Assert.Equal(plain.Pixels, accent.Pixels);
    }

    [Fact]
    public void Frame_GrowsWithTheImage()
    {
        // A 320th of the longer side: 10 pixels of colour in an image of 3200, 2 in one of 200, on a dark edge.
        foreach ((int side, int expected) in ((int, int)[])[(3200, 10), (200, 2)])
        {
            RgbImage named = BoxDrawing.Named(White(side, side / 2), [(new PixelBox(side / 4, side / 8, side / 2, side / 4), "", 0)]);
            int row = 3 * (side * 3 / 16) * side;
            Assert.Equal(expected, Enumerable.Range(0, side * 3 / 8).Count(x => named.Pixels[row + 3 * x] == 230 && named.Pixels[row + 3 * x + 1] == 159));
        }
    }

    [Fact]
    public void Names_CoverNeitherBoxesNorEachOther()
    {
        // Nine boxes in a grid with alleys between them, and one that touches the upper border.
        PixelBox[] boxes = [.. Enumerable.Range(0, 9).Select(i => new PixelBox(20 + i % 3 * 130, 30 + i / 3 * 90, 100 + i % 3 * 130, 90 + i / 3 * 90)), new PixelBox(420, 0, 470, 60)];
        (int Width, int Height)[] names = [.. boxes.Select((_, i) => (60 + 2 * i, 16))];
        PixelBox[] places = [.. LabelPlacement.Place(500, 320, boxes, names).Select((place, i) => new PixelBox(place.Left, place.Top, place.Left + names[i].Width, place.Top + names[i].Height))];
        for (int i = 0; i < places.Length; i++)
        {
            Assert.True(places[i].Left >= 0 && places[i].Top >= 0 && places[i].Right <= 500 && places[i].Bottom <= 320);
            Assert.All(boxes, box => Assert.False(Meet(places[i], box)));
            Assert.All(places[..i], other => Assert.False(Meet(places[i], other)));
            Assert.Equal(0, LabelPlacement.Gap(places[i], boxes[i]));
        }
    }

    [Fact]
    public void Names_OfBoxesInOnePlace_StandApart()
    {
        PixelBox[] boxes = [.. Enumerable.Repeat(new PixelBox(0, 0, 300, 200), 6)];
        (int Width, int Height)[] names = [.. boxes.Select(_ => (70, 18))];
        PixelBox[] places = [.. LabelPlacement.Place(300, 200, boxes, names).Select(place => new PixelBox(place.Left, place.Top, place.Left + 70, place.Top + 18))];
        for (int i = 0; i < places.Length; i++) Assert.All(places[..i], other => Assert.False(Meet(places[i], other)));
    }

    private static RgbImage White(int width, int height)
    {
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, (byte)255);
        return image;
    }

    private static bool Meet(PixelBox a, PixelBox b) => Math.Min(a.Right, b.Right) > Math.Max(a.Left, b.Left) && Math.Min(a.Bottom, b.Bottom) > Math.Max(a.Top, b.Top);
}
