using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Layers;

namespace IlgpuSpp.Data.Tests;

/// <summary>Data sets in COCO's JSON and in CSV.</summary>
public sealed class TableFormatTests : AnnotationTest
{
    public TableFormatTests() => _folder.Write("a.png", ImageWriter.Png(new RgbImage(40, 30)));

    private DetectionDataset Open(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return DetectionData.OpenTraining(_folder[name], null, _warnings);
    }

    [Fact]
    public void Coco_WidthsBecomeLastPixels()
    {
        DetectionDataset data = Open("c.json", """
            {"images":[{"id":7,"file_name":"a.png","width":40,"height":30},{"id":8,"file_name":"gone.png","width":1,"height":1}],
             "categories":[{"id":18,"name":"dog"},{"id":3,"name":"car"}],
             "annotations":[{"id":1,"image_id":7,"category_id":18,"bbox":[2,3,10,5],"iscrowd":0},{"id":2,"image_id":7,"category_id":3,"bbox":[0,0,50,0.5],"iscrowd":1},
              {"id":3,"image_id":7,"category_id":3,"bbox":[5,5,0,4],"iscrowd":0},{"id":4,"image_id":99,"category_id":3,"bbox":[0,0,1,1]},{"id":5,"image_id":7,"category_id":77,"bbox":[0,0,1,1]}]}
            """);
        Assert.Equal(["car", "dog"], data.ClassNames);
        Assert.Equal(
            [new AnnotatedObject(1, new PixelBox(2, 3, 11, 7)), new AnnotatedObject(0, new PixelBox(0, 0, 39, 0), Crowd: true)],
            Assert.Single(data.Images).Objects);
        Assert.Equal(5, _warnings.Lines.Count);
        Assert.Contains(_warnings.Lines, line => line.Contains("the box 6,6,5,9 has no pixels", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[1,2]")]
    [InlineData("{\"images\":[]}")]
    [InlineData("{\"images\":")]
    public void Coco_RefusesOtherJson(string text) => Assert.Contains("COCO", Assert.Throws<DatasetException>(() => Open("c.json", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Csv_OneLineAnObject()
    {
        _folder.Write("b.png", ImageWriter.Png(new RgbImage(20, 20)));
        DetectionDataset data = Open("d.csv", "file,class,x1,y1,x2,y2,difficult\na.png,dog,1,1,40,30,0\nb.png,,,,,\na.png,cat,3,3,3,3,1\na.png,cat,90,90,95,95,0\n");
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal(["a.png", "b.png"], data.Images.Select(image => image.Name));
        Assert.Equal([new AnnotatedObject(1, new PixelBox(0, 0, 39, 29)), new AnnotatedObject(0, new PixelBox(2, 2, 2, 2), Difficult: true)], data.Images[0].Objects);
        Assert.Empty(data.Images[1].Objects);
        Assert.Contains("line 5", Assert.Single(_warnings.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Csv_ErrorsNameTheLine()
    {
        Assert.Contains("line 2", Assert.Throws<DatasetException>(() => Open("d.csv", "file,class,x1,y1,x2,y2\na.png,dog,1,one,2,2\n")).Message, StringComparison.Ordinal);
        Assert.Contains("no column 'y2'", Assert.Throws<DatasetException>(() => Open("d.csv", "file,class,x1,y1,x2\n")).Message, StringComparison.Ordinal);
        Assert.Contains("neither", Assert.Throws<DatasetException>(() => Open("d.txt", "x")).Message, StringComparison.Ordinal);
    }
}
