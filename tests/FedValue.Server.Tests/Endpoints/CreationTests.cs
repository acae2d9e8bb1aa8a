using System.Text;
using FedValue.Federation.Learning;
using FedValue.Ledger.Events;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Models;
using FedValue.Protocol.Safetensors;
using FedValue.Server.Creation;
using FedValue.Server.Http;
using FedValue.Server.Tests.Support;
using FedValue.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace FedValue.Server.Tests.Endpoints;

public sealed class CreationTests
{
    const string Idx = """{"name":"images","model":"softmax","classes":2,"methods":["exact"]}""";

    static readonly byte[] Images = [0, 0, 8, 3, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 2, .. Enumerable.Range(0, 160).Select(i => (byte)(i * 37))];
    static readonly byte[] Labels = [0, 0, 8, 1, 0, 0, 0, 40, .. Enumerable.Range(0, 40).Select(i => (byte)(i % 2))];

    [Fact]
    public async Task Validation_rows_may_be_a_pair_of_idx_files()
    {
        await using Lab lab = await Lab.StartAsync();
        (await lab.TryCreateAsync(Idx, Images, labels: Labels)).Is(201);
        string first = (await lab.EntriesAsync("images"))[0];
        var created = (FederationCreated)EventJson.Parse(Encoding.UTF8.GetBytes(first));
        var blobs = new DirectoryBlobStore(Path.Combine(lab.Folder, "federations/images/blobs"));
        byte[] blob = await blobs.GetAsync(created.Validation!.Value);
        LabelledRows rows = ValidationRows.FromBlob(blob).Rows;
        Assert.Equal((4, 40), (rows.Width, rows.Count));
        Assert.Equal(Images[16..].Select(value => value / 255.0f), rows.Features);
        Assert.Equal(Labels[8..].Select(label => (int)label), rows.Labels);
    }

    [Fact]
    public async Task Idx_files_that_do_not_belong_together_are_refused()
    {
        await using Lab lab = await Lab.StartAsync();
        byte[] few = [0, 0, 8, 1, 0, 0, 0, 39, .. Labels[8..47]];
        (await lab.TryCreateAsync(Idx, Images, labels: few)).Is(422);
        (await lab.TryCreateAsync(Idx, Images, labels: Images)).Is(422);
        (await lab.TryCreateAsync(Idx, Lab.Validation(), labels: Labels)).Is(422);
        (await lab.TryCreateAsync(Idx, validation: null, labels: Labels)).Is(422);
    }

    [Theory]
    [InlineData("""{}""", 400, "name")]
    [InlineData("""{"name":"a b","model":"softmax"}""", 400, "name")]
    [InlineData("""{"name":"..","model":"softmax"}""", 400, "name")]
    [InlineData("""{"name":"a","model":"softmax","modle":1}""", 400, "modle")]
    [InlineData("""{"name":"a","name":"b","model":"softmax"}""", 400, "name")]
    [InlineData("""[]""", 400, "federation")]
    [InlineData("""{"name":"a","model":"softmax" """, 400, "federation")]
    [InlineData("""{"name":"a","model":7}""", 400, "model")]
    [InlineData("""{"name":"a","model":"softmax","budget":1.5}""", 400, "budget")]
    [InlineData("""{"name":"a","model":"softmax","classes":["x","x"]}""", 400, "classes")]
    [InlineData("""{"name":"a","model":"softmax","schedule":{"rounds":0,"participants":1}}""", 400, "schedule.rounds")]
    [InlineData("""{"name":"a","model":"softmax","schedule":{"rounds":1,"participants":1,"quorm":1}}""", 400, "schedule.quorm")]
    [InlineData("""{"name":"a","model":"softmax","schedule":{"rounds":1,"participants":5001}}""", 422, "schedule.participants")]
    [InlineData("""{"name":"a","model":"resnet"}""", 422, "model")]
    [InlineData("""{"name":"a","model":"softmax","aggregator":"best"}""", 422, "aggregator")]
    [InlineData("""{"name":"a","model":"softmax","methods":["astrology"]}""", 422, "methods")]
    [InlineData("""{"name":"a","model":"softmax","features":4}""", 422, "features")]
    [InlineData("""{"name":"a","model":"softmax","label":"nowhere"}""", 422, "validation")]
    [InlineData("""{"name":"a","model":"softmax","classes":["0","2"]}""", 422, "validation")]
    [InlineData("""{"name":"a","model":"softmax","buffers":["steps"]}""", 422, "buffers")]
    [InlineData("""{"name":"a","model":"softmax","normLimit":0}""", 422, "normLimit")]
    [InlineData("""{"name":"a","model":"softmax","permutations":3}""", 422, "permutations")]
    [InlineData("""{"name":"a","model":"softmax","stop":"soon"}""", 422, "stop")]
    [InlineData("""{"name":"a","model":"softmax","policy":"fair"}""", 422, "policy")]
    [InlineData("""{"name":"a","model":"softmax","utility":"joy"}""", 422, "utility")]
    [InlineData("""{"name":"a","model":"softmax","methods":["exact","exact"]}""", 422, "methods")]
    [InlineData("""{"name":"a","model":"softmax","methods":["loo","cosine"]}""", 422, "payBy")]
    [InlineData("""{"name":"a","model":"softmax","methods":["loo"],"payBy":"exact"}""", 422, "payBy")]
    [InlineData("""{"name":"a","methods":["exact"]}""", 422, "model")]
    public async Task Settings_that_cannot_be_used_are_refused_by_the_field(string settings, int status, string? field)
    {
        await using Lab lab = await Lab.StartAsync();
        Answer answer = (await lab.TryCreateAsync(settings, Lab.Validation())).Is(status);
        Assert.Equal(field, answer.Field);
        if (status == 422)
            Assert.True(answer.Expected is { Length: > 0 } && answer.Came is { Length: > 0 } || field == "validation", answer.Text);
        Assert.Empty((await lab.OperateAsync(HttpMethod.Get, "/federations")).Json!["federations"]!.AsArray());
    }

    [Fact]
    public async Task A_model_that_is_missing_or_no_model_is_refused_by_its_part()
    {
        await using Lab lab = await Lab.StartAsync();
        Answer missing = (await lab.TryCreateAsync("""{"name":"a"}""", Lab.Validation())).Is(422, "settings");
        Assert.Equal(("model", "softmax, mlp:WIDTHS or a part of safetensors", "nothing"), (missing.Field, missing.Expected, missing.Came));
        Answer other = (await lab.TryCreateAsync("""{"name":"a","model":"softmax"}""", Lab.Validation(), "no model"u8.ToArray())).Is(422);
        Assert.Equal(("model", "a model in safetensors"), (other.Field, other.Expected));
        Answer rows = (await lab.TryCreateAsync("""{"name":"a","model":"softmax"}""", "a,b\n1,2\n"u8.ToArray())).Is(422);
        Assert.Equal("validation", rows.Field);
    }

    [Fact]
    public async Task A_creation_that_the_disk_refuses_says_so_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        string creating = Path.Combine(folder.Path, "creating");
        await using Lab lab = await Lab.StartAsync(folder.Path, clock: new ClockOnAFullDisk(Path.Combine(creating, "a")));
        Answer full = (await lab.TryCreateAsync("""{"name":"a","model":"softmax"}""", Lab.Validation())).Is(503, "damaged");
        Assert.Contains("No space left", full.Text);
        Assert.Empty(Directory.GetFileSystemEntries(creating));
        (await lab.TryCreateAsync("""{"name":"b","model":"softmax"}""", Lab.Validation())).Is(201);

        Directory.Delete(creating);
        await File.WriteAllTextAsync(creating, "a file where the folder should be");
        (await lab.TryCreateAsync("""{"name":"c"}""", model: new byte[100])).Is(503, "damaged");
    }

    /// <summary>Whoever asks for the time once a folder is there learns that the disk is full.</summary>
    sealed class ClockOnAFullDisk(string folder) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() =>
            Directory.Exists(folder) ? throw new IOException("No space left on device.") : base.GetUtcNow();
    }

    [Fact]
    public async Task A_model_with_counters_of_batches_is_told_which_buffers_to_name()
    {
        await using Lab lab = await Lab.StartAsync();
        byte[] model = SafetensorsWriter.Write(
        [
            new Tensor("0.weight", TensorType.F32, [2], new byte[8]), new Tensor("1.batches", TensorType.I64, [], new byte[8]),
            new Tensor("2.mean", TensorType.F32, [2], new byte[8]), new Tensor("3.batches", TensorType.I64, [], new byte[8]),
        ]);
        Answer refused = (await lab.TryCreateAsync("""{"name":"norms","buffers":["2.mean"]}""", model: model)).Is(422, "settings");
        Assert.Equal(("buffers", "2.mean"), (refused.Field, refused.Came));
        const string named = "\"buffers\":[\"2.mean\",\"1.batches\",\"3.batches\"]";
        Assert.EndsWith($"say {named}.", (string)refused.Json!["detail"]!);
        (await lab.TryCreateAsync($$"""{"name":"norms",{{named}}}""", model: model)).Is(201);
    }

    [Fact]
    public async Task What_is_no_model_file_at_all_is_said_to_be_none_and_no_sentence_is_cut()
    {
        await using Lab lab = await Lab.StartAsync();
        Answer csv = (await lab.TryCreateAsync("""{"name":"a"}""", model: Lab.Validation())).Is(422, "settings");
        Assert.StartsWith("The part 'model' is no safetensors file: ", (string)csv.Json!["detail"]!);
        Answer name = (await lab.TryCreateAsync("""{"name":"my demo","model":"softmax"}""", Lab.Validation())).Is(400);
        Assert.EndsWith("but 'my demo' has another character.", (string)name.Json!["detail"]!);
        Answer json = (await lab.TryCreateAsync("{\"name\":\"a\",\n oops}", Lab.Validation())).Is(400);
        Assert.Contains("(line 2, byte 2).", (string)json.Json!["detail"]!);
        Assert.DoesNotContain("LineNumber", json.Text);
    }

    [Fact]
    public async Task A_part_that_is_held_has_the_length_of_an_array_at_most_and_a_model_any()
    {
        using var folder = new TemporaryFolder();
        string place = Path.Combine(folder.Path, "creating");
        async Task<CreationParts> ReadAsync(int most, string name, byte[]? twice = null)
        {
            var form = new MultipartFormDataContent { { Lab.Json("{}"), "federation" }, { new ByteArrayContent(new byte[100]), name } };
            if (twice is not null)
                form.Add(new ByteArrayContent(twice), name);
            var http = new DefaultHttpContext();
            http.Request.ContentType = form.Headers.ContentType!.ToString();
            http.Request.Body = new MemoryStream(await form.ReadAsByteArrayAsync());
            return await CreationParts.ReadAsync(http.Request, place, most, CancellationToken.None);
        }
        using (CreationParts parts = await ReadAsync(99, "model"))
        {
            Assert.Equal(100, parts.Model!.Length);
            Assert.Equal(new byte[100], parts.Model.ToArray());
            Assert.Single(Directory.GetFiles(place));
        }
        Assert.Empty(Directory.GetFiles(place));
        Assert.Equal(100, (await ReadAsync(100, "validation")).Validation!.Length);
        ApiProblem problem = (await Assert.ThrowsAsync<ApiException>(() => ReadAsync(99, "validation"))).Problem;
        Assert.Equal((413, "validation", "at most 99 bytes"), (problem.Status, problem.Field, problem.Expected));
        Assert.Contains("2 GiB", problem.Detail);
        Assert.Equal(Array.MaxLength, CreationParts.PartBytes);

        Assert.Equal(400, (await Assert.ThrowsAsync<ApiException>(() => ReadAsync(99, "model", twice: [1]))).Problem.Status);
        Assert.Empty(Directory.GetFiles(place)); // of a request that fails nothing is left
    }

    [Fact]
    public async Task Of_a_model_that_is_too_long_not_finite_or_breaks_off_nothing_is_left()
    {
        await using Lab lab = await Lab.StartAsync(limits: new ServerLimits { CreationBytes = 100_000 });
        string place = Path.Combine(lab.Folder, "creating");
        const string settings = """{"name":"a"}""";
        byte[] good = SafetensorsWriter.Write([Tensor.OfSingles("w", [20_000], new float[20_000])]);
        byte[] bad = [.. good];
        bad.AsSpan(bad.Length - 2).Fill(0xff);
        Answer refused = (await lab.TryCreateAsync(settings, model: bad)).Is(422, "settings");
        Assert.Equal(("model", "a model in safetensors"), (refused.Field, refused.Expected));
        Assert.Contains("element 19999 of tensor 'w' is NaN", (string)refused.Json!["detail"]!);
        (await lab.TryCreateAsync(settings, model: new byte[100_000])).Is(413, "too-large");
        (await lab.TryCreateAsync(settings, model: good[..^1])).Is(422);
        var parts = new MultipartFormDataContent { { Lab.Json(settings), "federation" }, { new StreamContent(new Breaking(good)), "model" } };
        await Assert.ThrowsAnyAsync<Exception>(() =>
            lab.SendAsync(HttpMethod.Post, "/federations", parts, "Bearer " + Lab.OperatorToken));
        for (int look = 0; look < 500 && Directory.GetFiles(place).Length > 0; look++)
            await Task.Delay(10);
        Assert.Empty(Directory.GetFiles(place));
        Answer created = (await lab.TryCreateAsync(settings, model: good)).Is(201);
        Assert.Empty(Directory.GetFileSystemEntries(place));
        Assert.Equal("/federations/a", created.Headers.Location!.ToString());
    }

    /// <summary>Sends most of its bytes and then fails.</summary>
    sealed class Breaking(byte[] bytes) : MemoryStream(bytes, 0, bytes.Length - 100)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw new IOException("The trainer has gone.");
        }
    }

    [Fact]
    public async Task Sentences_name_settings_as_they_are_spelled_here()
    {
        await using Lab lab = await Lab.StartAsync();
        Answer answer = (await lab.TryCreateAsync("""{"name":"a","model":"softmax","methods":["loo","cosine"]}""", Lab.Validation())).Is(422);
        Assert.Contains("'payBy'", (string)answer.Json!["detail"]!);
        Assert.DoesNotContain("--", (string)answer.Json!["detail"]!);
    }

    [Fact]
    public async Task Parts_are_known_and_come_once()
    {
        await using Lab lab = await Lab.StartAsync();
        const string settings = """{"name":"a","model":"softmax"}""";
        (await lab.TryCreateAsync(settings)).Is(422);
        (await lab.TryCreateAsync(settings, "a,b\n1,2\n"u8.ToArray())).Is(422);
        string beyondSingles = "a,b,class\n" + string.Concat(Enumerable.Repeat("1,1e39,0\n1,2,1\n", 15));
        (await lab.TryCreateAsync(settings, Encoding.UTF8.GetBytes(beyondSingles))).Is(422);
        (await lab.TryCreateAsync(settings, Lab.Validation(), "no model"u8.ToArray())).Is(422);
        Task<Answer> SendAsync(HttpContent content) =>
            lab.SendAsync(HttpMethod.Post, "/federations", content, "Bearer " + Lab.OperatorToken);
        (await SendAsync(Lab.Json(settings))).Is(415);
        (await SendAsync(new MultipartFormDataContent { { Lab.Json(settings), "settings" } })).Is(400);
        (await SendAsync(new MultipartFormDataContent { { Lab.Json(settings), "federation" }, { Lab.Json(settings), "federation" } })).Is(400);
        var cut = new ByteArrayContent("--b\r\nContent-Disposition: form-data; name=\"federation\"\r\n\r\n{}"u8.ToArray());
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        (await SendAsync(cut)).Is(400);
    }

    [Fact]
    public async Task A_federation_is_made_once_and_everybody_may_know_its_terms()
    {
        await using Lab lab = await Lab.StartAsync();
        byte[] model = ModelFile.Write(Lab.Network.Manifest, [1, 2, 3, 4, 5, 6, 7, 8]);
        const string settings = """{"name":"once","model":"softmax","classes":["0","1"],"label":"class","features":3,"normLimit":10,"seed":5}""";
        Answer created = (await lab.TryCreateAsync(settings, Lab.Validation(), model)).Is(201);
        Assert.Equal("/federations/once", created.Headers.Location!.ToString());
        (await lab.TryCreateAsync(settings, Lab.Validation())).Is(409, "exists");

        Answer known = (await lab.GetAsync("/federations/once")).Is(200);
        Assert.Equal((string)created.Json!["leafHash"]!, (string)known.Json!["ledger"]!);
        Assert.Equal("permutation", (string)known.Json["terms"]!["payment"]!["payBy"]!); // nobody knows how many will enrol
        Assert.Equal(8, Lab.Network.WeightCount);
        Assert.Equal(2, known.Json["manifest"]!["tensors"]!.AsArray().Count);
        Assert.Equal("none", (string)known.Json["round"]!["status"]!);
        Assert.Equal(1, (int)known.Json["head"]!["size"]!);
        Trainer trainer = (await lab.EnrolAsync("once", "t1"))[0];
        string digest = Ledger.Digest.Of(model).ToString();
        Answer download = (await trainer.GetAsync("models/" + digest)).Is(200);
        Assert.Equal(model, download.Body);
        (await lab.GetAsync("/federations/none")).Is(404);
    }

    [Fact]
    public async Task Who_takes_part_is_not_for_everybody()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("names", 2);
        await lab.OpenRoundAsync("names");
        Answer known = (await lab.GetAsync("/federations/names")).Is(200);
        Assert.Equal("open", (string)known.Json!["round"]!["status"]!);
        Assert.DoesNotContain("t1", known.Text);
    }

    [Fact]
    public async Task A_federation_ends_once_and_between_rounds()
    {
        await using Lab lab = await Lab.StartAsync();
        await lab.FederateAsync("ends", 1);
        await lab.OpenRoundAsync("ends");
        (await lab.OperateAsync(HttpMethod.Post, "/federations/ends/close")).Is(409);
        await lab.FederateAsync("ends2", 1);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/ends2/close")).Is(200);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/ends2/close")).Is(409);
        (await lab.OperateAsync(HttpMethod.Post, "/federations/ends2/rounds")).Is(409);
    }
}
