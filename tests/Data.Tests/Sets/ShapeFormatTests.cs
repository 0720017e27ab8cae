using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>CVAT's XML and LabelMe's JSON, which have shapes beside boxes.</summary>
public sealed class ShapeFormatTests : AnnotationTest
{
    public ShapeFormatTests()
    {
        _folder.Image("images/a.png", 40, 30);
        _folder.Image("a.jpg", 40, 30);
    }

    private DetectionDataset Cvat(string images, string meta = "") => DetectionData.OpenAll(_folder.Text("cvat.xml", $"<annotations><version>1.1</version>{meta}{images}</annotations>"), null, _warnings);

    private DetectionDataset LabelMe(string shapes, string image = "a.jpg")
    {
        _folder.Text("a.json", $$"""{"version":"5.4","flags":{},"shapes":[{{shapes}}],"imagePath":"{{image}}","imageData":null,"imageHeight":30,"imageWidth":40}""");
        return DetectionData.OpenAll(_folder.Root, null, _warnings);
    }

    [Fact]
    public void Cvat_EdgesAreContinuous()
    {
        DetectionDataset data = Cvat(
            """
            <image id="0" name="a.png" width="40" height="30">
              <box label="dog" occluded="1" xtl="10" ytl="5.00" xbr="30.00" ybr="15"><attribute name="difficult">true</attribute><attribute name="Truncated">1</attribute></box>
              <box label="cat" xtl="0" ytl="0" xbr="4" ybr="4"><attribute name="colour">blue</attribute><attribute name="crowd">true</attribute></box>
              <polygon label="bird" points="1.0,2.0;11,2;6,12"/>
              <box label="dog" xtl="10" ytl="10" xbr="20" ybr="14" rotation="90"/>
              <polyline label="dog" points="1,1;2,2"/>
              <ellipse label="dog" cx="20" cy="15" rx="5" ry="2"/>
            </image>
            <image id="1" name="gone.png" width="40" height="30"/>
            """, "<meta><task><labels><label><name>dog</name></label><label><name>horse</name></label></labels></task></meta>");
        Assert.Equal(["dog", "horse", "bird", "cat"], data.ClassNames);
        Assert.Equal(
            [
                new AnnotatedObject(0, new PixelBox(10, 5, 29, 14), Difficult: true, Truncated: true), new AnnotatedObject(3, new PixelBox(0, 0, 3, 3), Crowd: true), new AnnotatedObject(2, new PixelBox(1, 2, 10, 11)),
                new AnnotatedObject(0, new PixelBox(13, 7, 16, 16)), new AnnotatedObject(0, new PixelBox(15, 13, 24, 16)),
            ],
            Assert.Single(data.Images).Objects.Select(item => item with { Box = new PixelBox(Math.Round(item.Box.Left, 9), Math.Round(item.Box.Top, 9), Math.Round(item.Box.Right, 9), Math.Round(item.Box.Bottom, 9)) }));
        foreach (string said in (string[])["1 of 2 images", "bounding boxes are taken of other shapes: 1 ellipse, 1 polygon, 1 turned box.", "without an area are left out: 1 polyline."])
            Assert.Contains(_warnings.Lines, line => line.Contains(said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""<image id="0" name="a.png" width="40" height="30"><box label="dog" xtl="nan" ytl="0" xbr="4" ybr="4"/></image>""", "'nan' for xtl")]
    [InlineData("""<image id="0" name="a.png" width="40" height="30"><box xtl="1" ytl="0" xbr="4" ybr="4"/></image>""", "without label")]
    [InlineData("""<image id="0" name="a.png" width="40" height="30"><polygon label="x" points="1,2;3"/></image>""", "pairs")]
    [InlineData("""<image id="0" name="a.png"/><image id="1" name="a.png"/>""", "again")]
    [InlineData("""<image id="0" name="../a.png"/>""", "outside")]
    [InlineData("""<track id="0" label="dog"/>""", "video")]
    [InlineData("", "no images")]
    public void Cvat_RefusesWhatIsWrong(string images, string said) => Assert.Contains(said, Assert.Throws<DatasetException>(() => Cvat(images)).Message, StringComparison.Ordinal);

    [Fact]
    public void LabelMe_RectanglesAreBoxes()
    {
        DetectionDataset data = LabelMe("""
            {"label":"dog","points":[[30,15],[10,5]],"group_id":null,"shape_type":"rectangle","flags":{"difficult":true,"truncated":true}},
            {"label":"cat","points":[[1,2],[11,2],[6,12]],"shape_type":"polygon","flags":{}},
            {"label":"cat","points":[[20,15],[23,19]],"shape_type":"circle"},
            {"label":"cat","points":[[20,15]],"shape_type":"point"}
            """, "C:\\\\photos\\\\a.jpg");
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal([new AnnotatedObject(1, new PixelBox(10, 5, 29, 14), true, true), new AnnotatedObject(0, new PixelBox(1, 2, 10, 11)), new AnnotatedObject(0, new PixelBox(15, 10, 24, 19))], Assert.Single(data.Images).Objects);
        Assert.Equal("a.jpg", data.Images[0].Name);
        Assert.Equal(2, _warnings.Lines.Count);
    }

    [Theory]
    [InlineData("""{"label":"dog","points":[[1,2,3]],"shape_type":"rectangle"}""", "pairs")]
    [InlineData("""{"points":[[1,2]],"shape_type":"rectangle"}""", "without a label")]
    [InlineData("null", "without a label")]
    [InlineData("""{"label":3,"points":[[1,2]]}""", "LabelMe's form at shapes[0].label")]
    public void LabelMe_RefusesWhatIsWrong(string shapes, string said) => Assert.Contains(said, Assert.Throws<DatasetException>(() => LabelMe(shapes)).Message, StringComparison.Ordinal);
}
